"""LiteLLM's cost map, upstream's own with the census over it, and what LiteLLM's proxy says of its models.

``LITELLM_MODEL_COST_MAP_URL`` replaces LiteLLM's whole map, so that every entry of upstream stays, with all its fields.
Over it the census lays, entry by entry, what it knows to hold at that entry's provider (``places.py``): at the lab
itself and at OpenRouter. Entries of other resellers (Azure, Bedrock, Together ...) have prices of their own and stay as
they are. Models that upstream lacks get entries of their own, unless a price that LiteLLM needs is not known: it would
count it as 0 (https://docs.litellm.ai/docs/proxy/sync_models_github).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.labs import lab_of
from modelcensus.core.catalog.listing import Prices
from modelcensus.core.catalog.model import Status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import litellm_terms as terms
from modelcensus.feeds import places
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.places import Place
from modelcensus.feeds.portraits import in_path, moment_of, standing
from modelcensus.feeds.writing import decode, encode

BUNDLED = 4240
"""Entries of the map that LiteLLM 1.106.2 (November 2026) ships, without the reserved ones. A map with less than half
of what the installed version ships is refused in silence, as is one with fewer than ``LEAST``
(litellm/litellm_core_utils/get_model_cost_map.py)."""
LEAST = 50
RESERVED = frozenset({"sample_spec", "fallback_generalizations"})
"""Members of the map that are no models; upstream's are passed on where they are recorded."""

_NATIVE = {
    "ai21": ("ai21", ""),
    "anthropic": ("anthropic", ""),
    "cohere": ("cohere_chat", ""),
    "deepseek": ("deepseek", "deepseek/"),
    "google": ("gemini", "gemini/"),
    "minimax": ("minimax", "minimax/"),
    "mistralai": ("mistral", "mistral/"),
    "moonshotai": ("moonshot", "moonshot/"),
    "openai": ("openai", ""),
    "perplexity": ("perplexity", "perplexity/"),
    "x-ai": ("xai", "xai/"),
    "z-ai": ("zai", "zai/"),
}
"""Lab -> LiteLLM's word for its API, and what its models' names begin with
(https://docs.litellm.ai/docs/providers)."""
_BY_REGION = frozenset({"dashscope"})
"""Labs' own APIs with a price list for each region: what a catalog says of one is not what LiteLLM's entry means."""
_OPENROUTER = "openrouter"


def build(material: Material) -> bytes:
    """The whole map: upstream's entries in their order, then ours."""
    return encode(cost_map(material))


def cost_map(material: Material) -> dict[str, Any]:
    """The map as values, numbers exact."""
    owners = _owners(material)
    found: dict[str, Any] = {}
    for key, entry in material.beneath.items():
        if key in material.hidden or not isinstance(entry, Mapping):
            continue
        portrait = owners.get(key)
        laid = _laid(portrait, entry, material.edition) if portrait is not None and key not in RESERVED else None
        found[key] = laid or entry
    for key, entry in sorted(_own(material), key=itemgetter(0)):
        if key not in material.hidden:
            found.setdefault(key, entry)
    return found


def _owners(material: Material) -> dict[str, Portrait]:
    """The models that upstream's keys are names of."""
    return {
        alias.key: portrait
        for portrait in material.edition.portraits
        for alias in places.spelled(portrait, "litellm", material.sources)
    }


def _laid(portrait: Portrait, entry: Mapping[str, Any], edition: Edition) -> dict[str, Any] | None:
    place = _place(portrait, entry.get("litellm_provider"))
    if place is None:
        return None
    mode = entry.get("mode")
    # A table of steps goes first for LiteLLM, whatever stands beside it.
    prices = None if "tiered_pricing" in entry else _prices(portrait, place, edition)
    known: dict[str, Any] = terms.costs(prices, mode if isinstance(mode, str) else "chat") if prices else {}
    limits = terms.limits(portrait, place)
    known |= limits | terms.abilities(portrait, place) | terms.end(portrait, place)
    if "search_context_cost_per_query" in entry:
        # Upstream tells three sizes, the census one of them.
        known.pop("search_context_cost_per_query", None)
    if "max_tokens" in entry and "max_output_tokens" in limits:
        known["max_tokens"] = limits["max_output_tokens"]
    # What is missing cannot be done, for LiteLLM.
    changed = {name: value for name, value in known.items() if not _same(entry.get(name, False), value)}
    return {**entry, **changed} if changed else None


def _place(portrait: Portrait, provider: object) -> Place | None:
    if provider == _OPENROUTER:
        return Place.OPENROUTER
    if not isinstance(provider, str) or provider in _BY_REGION:
        return None
    return Place.LAB if lab_of(provider) == places.lab(portrait) else None


def _prices(portrait: Portrait, place: Place, edition: Edition) -> Prices | None:
    prices = places.prices_at(portrait, place)
    return standing(prices, moment_of(edition)) if prices is not None else None


def _own(material: Material) -> Iterator[tuple[str, dict[str, Any]]]:
    """Entries under the names by which LiteLLM's users would call the models.

    Where an archived model left its name to another one the first entry is that one's.
    """
    unshared = places.unambiguous(material.edition.portraits)
    for portrait in sorted(material.edition.portraits, key=lambda each: each.entry.model.status is Status.ARCHIVED):
        for key, provider, place in _names(portrait, unshared[portrait.entry.model.id]):
            if key not in material.beneath and (entry := _entry(portrait, provider, place, material)):
                yield key, entry


def _names(portrait: Portrait, unshared: tuple[str, ...]) -> Iterator[tuple[str, str, Place]]:
    """(key, litellm_provider, place) of each name of a model, the lab's own first."""
    native = _NATIVE.get(places.lab(portrait))
    if native is not None:
        provider, prefix = native
        for name in places.native_names(portrait):
            if name in unshared:
                yield prefix + name, provider, Place.LAB
    for name in places.openrouter_ids(portrait):
        yield f"{_OPENROUTER}/{name}", _OPENROUTER, Place.OPENROUTER


def _entry(portrait: Portrait, provider: str, place: Place, material: Material) -> dict[str, Any] | None:
    mode = terms.mode_of(portrait, place)
    prices = _prices(portrait, place, material.edition)
    if prices is None or not terms.is_priced(prices, mode):
        return None
    limits = terms.limits(portrait, place)
    most = limits.get("max_output_tokens") or limits.get("max_input_tokens")
    return {
        "litellm_provider": provider,
        "mode": mode,
        **({"max_tokens": most} if most else {}),
        **limits,
        **terms.costs(prices, mode),
        **terms.abilities(portrait, place),
        **terms.end(portrait, place),
        "source": f"{material.address}/api/models/{in_path(portrait.entry.model.id)}",
    }


def _same(one: Any, other: Any) -> bool:
    return terms.same_number(one, other) or (type(one) is type(other) and one == other)


def refusals(document: bytes) -> list[str]:
    """LiteLLM's own checks: an object of objects, enough of them, each with what it looks a model up by."""
    try:
        found = decode(document)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    if not isinstance(found, dict) or not found:
        return ["it is no JSON object with entries"]
    reasons = []
    # One entry that is no object ends the start of LiteLLM with an exception.
    if odd := [key for key, entry in found.items() if not isinstance(entry, dict)]:
        reasons.append(f"{len(odd)} entries are no objects, such as {odd[0][:80]}")
    count = len(found.keys() - RESERVED)
    if count < LEAST:
        reasons.append(f"it has {count} entries, and LiteLLM takes no fewer than {LEAST}")
    if count < BUNDLED * 0.5:
        reasons.append(f"it has {count} entries, fewer than half of the {BUNDLED} that LiteLLM ships: sync litellm")
    return reasons + _misspelled(found)


def _misspelled(entries: Mapping[str, Any]) -> list[str]:
    """What LiteLLM would take in and stumble over when it counts a cost."""
    texts = [
        f"{key[:80]}: {name}"
        for key, entry in entries.items()
        if key not in RESERVED and isinstance(entry, dict)
        for name, value in entry.items()
        if name in _NUMBERS and (isinstance(value, (str, bool)) or (isinstance(value, float) and value < 0))
    ]
    return [f"{len(texts)} prices are no numbers, such as {texts[0]}"] if texts else []


_NUMBERS = frozenset({"input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"})


def build_info(material: Material) -> bytes:
    """The models that are offered today, each under the first name by which LiteLLM would call it."""
    entries = cost_map(material)
    rows = []
    for portrait in material.edition.active:
        named = list(_names(portrait, places.native_names(portrait)))
        linked = [alias.key for alias in places.spelled(portrait, "litellm", material.sources)]
        wanted = (
            *(key for key, _, place in named if place is Place.LAB),
            *(key for key in linked if key in entries and _is_at_lab(portrait, entries[key])),
            *(key for key, _, place in named if place is Place.OPENROUTER),
        )
        if key := next((key for key in wanted if key in entries), None):
            rows.append(_row(portrait.entry.model.id, key, entries[key]))
    return encode({"data": rows})


def _is_at_lab(portrait: Portrait, entry: Mapping[str, Any]) -> bool:
    return _place(portrait, entry.get("litellm_provider")) is Place.LAB


def _row(model_id: str, key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    provider = entry.get("litellm_provider")
    called = key if not isinstance(provider, str) or key.startswith(f"{provider}/") else f"{provider}/{key}"
    return {
        "model_name": model_id,
        "litellm_params": {"model": called},
        "model_info": {"id": model_id, "db_model": False, "key": key, **entry},
    }


def refusals_info(document: bytes) -> list[str]:
    """What clients of LiteLLM's proxy read: a list of rows, each with a name, what it calls, and its facts."""
    try:
        found = decode(document)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    rows = found.get("data") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        return ["it has no list called data"]
    odd = [row for row in rows if not _is_row(row)]
    return [f"{len(odd)} rows lack model_name, litellm_params.model or model_info"] if odd else []


def _is_row(row: object) -> bool:
    if not isinstance(row, dict):
        return False
    called = row.get("litellm_params")
    return (
        isinstance(row.get("model_name"), str)
        and isinstance(called, dict)
        and isinstance(called.get("model"), str)
        and isinstance(row.get("model_info"), dict)
    )


FEED = Feed(
    name="litellm",
    title="LiteLLM cost map",
    consumer="LiteLLM: set LITELLM_MODEL_COST_MAP_URL to the address",
    media_type="application/json",
    suffix="json",
    paths=("/feeds/litellm.json", "/model_prices_and_context_window.json"),
    build=build,
    refusals=refusals,
    over="litellm",
)
INFO = Feed(
    name="litellm-info",
    title="LiteLLM model info",
    consumer="clients of LiteLLM's proxy that read /v1/model/info: set their base URL to ours",
    media_type="application/json",
    suffix="json",
    paths=("/v1/model/info", "/model/info"),
    build=build_info,
    refusals=refusals_info,
    over="litellm",
)
