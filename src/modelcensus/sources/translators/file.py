"""One's own models from a file: our own paths, or OpenRouter's names; see docs/sources/file.md.

Somebody wrote the file by hand, so what is wrong in a field of ours is said, and not passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from modelcensus.core.catalog.listing import (
    CAPABILITIES,
    Listing,
    Modality,
    Prices,
    Rates,
    Snapshot,
    Stage,
    Tier,
    Translated,
    Untranslatable,
    Window,
)
from modelcensus.core.catalog.modality import modality, parted, words
from modelcensus.core.catalog.units import Per, Unreadable, is_variable, meant, price
from modelcensus.core.change import ABSENT, at_path
from modelcensus.sources.translators import native
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.reading import day, flag, items, link, media, members, name, text, texts, whole

_HINT = "correct the file, or leave the field out if it is not known; see docs/sources/file.md"
_TEXTS = ("name", "provider", "lab", "canonical", "hugging_face_id", "successor", "licence")
_DAYS = ("released", "knowledge_cutoff", "deprecated", "retires")
_WHOLES = ("context", "max_input", "max_output")
_PER_TOKEN = {
    "input": "prompt", "output": "completion", "cache_read": "input_cache_read", "cache_write": "input_cache_write",
    "reasoning": "internal_reasoning",
}  # fmt: skip
_PER_ONE = {"image": "image", "request": "request", "web_search": "web_search"}
_OTHERWISE = {
    "canonical": ("canonical_slug",),
    "licence": ("license",),
    "context": ("context_length", "top_provider.context_length"),
    "max_output": ("top_provider.max_completion_tokens",),
    "released": ("created",),
    "retires": ("expiration_date",),
}
"""What OpenRouter calls our fields (https://openrouter.ai/docs/api-reference/models/get-models)."""
_PARAMETERS = {
    "tools": "tool_calling", "structured_outputs": "structured_output", "response_format": "json_mode",
    "reasoning": "reasoning", "temperature": "temperature", "logprobs": "logprobs", "seed": "seed",
}  # fmt: skip
_MOMENT = ("starts", "ends")
_TIMES = ("daily_from", "daily_until")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

T = TypeVar("T")


def translate(snapshot: Snapshot, aids: Aids) -> Translated:  # noqa: ARG001  # every translator is given the aids
    """One row: its listing, and its offering where a price is known. Raises ``Untranslatable``, naming the field."""
    entity = snapshot.data
    fields: dict[str, Any] = {path: _taken(entity, path, _text, "a text") for path in _TEXTS}
    fields |= {path: _taken(entity, path, _day, "a day such as 2026-03-01") for path in _DAYS}
    fields |= {path: _taken(entity, path, whole, "a whole number above 0") for path in _WHOLES}
    given = fields["provider"] or snapshot.source
    inputs, outputs, word = _modality(entity)
    found = Listing(
        **native.origin(snapshot),
        **{**fields, "provider": given},
        description=_taken(entity, "description", text, "a text"),
        inputs=inputs,
        outputs=outputs,
        modality=word,
        capabilities=_capabilities(entity, media(inputs, outputs)),
        prices=_prices(entity),
        parameters=_taken(entity, "parameters", native.parameters, "a whole number above 0"),
        stage=_taken(entity, "stage", _stage, "active, deprecated or retired") or Stage.UNKNOWN,
        moving=_taken(entity, "moving", flag, "true or false") or False,
        open_weights=_taken(entity, "open_weights", flag, "true or false"),
        links=_links(entity),
    )
    return Translated(found, (native.offered(found, given),) if found.prices.known else ())


def _said(entity: Mapping[str, Any], path: str) -> Any:
    """A field by its path, whether it is nested or its name has dots; ``ABSENT`` for null and empty text too."""
    value = entity.get(path, at_path(entity, path))
    return ABSENT if value is None or value == "" else value


def _taken(entity: Mapping[str, Any], path: str, read: Callable[[object], T | None], what: str) -> T | None:
    """Our field, else OpenRouter's; None where neither is there."""
    said = _said(entity, path)
    if said is not ABSENT:
        found = read(said)
        if found is None:
            raise Untranslatable(f"{path} = {str(said)[:40]!r} is not {what}", _HINT)
        return found
    others = (_said(entity, other) for other in _OTHERWISE.get(path, ()))
    return next((found for other in others if other is not ABSENT and (found := read(other)) is not None), None)


def _text(said: object) -> str | None:
    """A text, also one that CSV took for a number: a model may be called 4.1."""
    number = isinstance(said, (int, Decimal)) and not isinstance(said, bool)
    return name(str(said) if number else said)


def _day(said: object) -> str | None:
    """A day, or a year that CSV took for a number; greater numbers are seconds since 1970."""
    year = isinstance(said, int) and 1990 <= said < 2098
    return day(str(said) if year else said)


def _stage(said: object) -> Stage | None:
    return next((stage for stage in Stage if stage.value == said), None)


def _listed(said: object) -> tuple[str, ...] | None:
    """Modalities of an array, or of one text such as ``text+image`` or ``text, image``: all of them, or None."""
    parts = said.replace(",", "+").split("+") if isinstance(said, str) else said
    found = words(parts)
    return found if found and all(words([part]) for part in items(parts)) else None


def _modality(entity: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], Modality | None]:
    what = "a list of text, image, video, audio, file, embedding, rerank"
    architecture = members(entity.get("architecture"))
    string = architecture.get("modality")
    before, after = parted(string)
    inputs = _taken(entity, "inputs", _listed, what) or words(architecture.get("input_modalities")) or before
    outputs = _taken(entity, "outputs", _listed, what) or words(architecture.get("output_modalities")) or after
    chosen = _taken(entity, "modality", _word, f"one of {', '.join(each.value for each in Modality)}")
    return inputs, outputs, chosen or modality(inputs, outputs, string)


def _word(said: object) -> Modality | None:
    return next((each for each in Modality if each.value == said), None)


def _capabilities(entity: Mapping[str, Any], implied: dict[str, bool]) -> dict[str, bool]:
    """``capabilities.vision``, or a column of that name alone; else what OpenRouter's parameters and modalities say."""
    parameters = texts(entity.get("supported_parameters"))
    found = implied | {ours: True for theirs, ours in _PARAMETERS.items() if theirs in parameters}
    for ability in CAPABILITIES:
        known = _taken(entity, f"capabilities.{ability}", flag, "true or false")
        plain = flag(entity.get(ability)) if known is None else known
        if plain is not None:
            found[ability] = plain
    return found


def _links(entity: Mapping[str, Any]) -> dict[str, str]:
    return {label[:100]: address for label, said in members(entity.get("links")).items() if (address := link(said))}


def _prices(entity: Mapping[str, Any]) -> Prices:
    own = entity.get("price")
    if own is not None and not isinstance(own, dict):
        raise Untranslatable("price is no object of prices", _HINT)
    tiers = tuple(_tier(members(each), f"price.tiers[{at}]") for at, each in enumerate(_array(entity, "price.tiers")))
    windows = tuple(
        _window(members(each), f"price.windows[{at}]") for at, each in enumerate(_array(entity, "price.windows"))
    )
    base = {field: _rate(_said(entity, f"price.{field}"), f"price.{field}") for field in Rates.__struct_fields__}
    if not own and not any(path.startswith("price.") for path in entity):
        return _like_openrouter(members(entity.get("pricing")) or _dotted(entity, "pricing."))
    return Prices(base=Rates(**base), tiers=tuple(sorted(tiers, key=lambda tier: tier.above)), windows=windows)


def _array(entity: Mapping[str, Any], path: str) -> list[Any]:
    said = _said(entity, path)
    if said is not ABSENT and not isinstance(said, list):
        raise Untranslatable(f"{path} is not a list of objects", _HINT)
    return items(said)


def _dotted(entity: Mapping[str, Any], beginning: str) -> dict[str, Any]:
    return {path.removeprefix(beginning): value for path, value in entity.items() if path.startswith(beginning)}


def _tier(said: Mapping[str, Any], path: str) -> Tier:
    above = whole(said.get("above"))
    if above is None:
        raise Untranslatable(f"{path} does not say above how many tokens", _HINT)
    return Tier(above=above, rates=_rates(said, path))


def _window(said: Mapping[str, Any], path: str) -> Window:
    """Days, times of day in UTC, and a region; what is wrong must not make a price hold for ever."""
    found: dict[str, Any] = {field: day(said[field]) for field in _MOMENT if said.get(field) is not None}
    found |= {field: _time(said[field]) for field in _TIMES if said.get(field) is not None}
    found |= {"region": name(said["region"])} if said.get("region") is not None else {}
    if not found or None in found.values():
        raise Untranslatable(f"{path} does not say when or where it holds", _HINT)
    return Window(rates=_rates(said, path), **found)


def _time(said: object) -> str | None:
    return said if isinstance(said, str) and _TIME.fullmatch(said) else None


def _rates(said: Mapping[str, Any], path: str) -> Rates:
    found = {field: _rate(_said(said, field), f"{path}.{field}") for field in Rates.__struct_fields__}
    if not any(value is not None for value in found.values()):
        raise Untranslatable(f"{path} has no price", _HINT)
    return Rates(**found)


def _rate(said: object, path: str) -> Any:
    """USD per million tokens, or per one, as the field's name says."""
    if said is ABSENT:
        return None
    try:
        found = price(said, Per.MILLION)
    except Unreadable as error:
        raise Untranslatable(f"{path}: {error.reason}", _HINT) from None
    if found < 0:
        raise Untranslatable(f"{path} = {found} is below 0", _HINT)
    return found


def _like_openrouter(pricing: Mapping[str, Any]) -> Prices:
    """``pricing.prompt`` and its like: USD per token, -1 for a price that varies."""
    if any(is_variable(pricing.get(field)) for field in _PER_TOKEN.values()):
        return Prices(variable=True)
    found = {ours: _converted(pricing, theirs, Per.TOKEN) for ours, theirs in _PER_TOKEN.items()}
    found |= {ours: _converted(pricing, theirs, Per.EACH) for ours, theirs in _PER_ONE.items()}
    # Catalogs write 0 for what they do not charge apart, or do not know; our own paths mean what they say.
    return Prices(base=meant(Rates(**found)))


def _converted(pricing: Mapping[str, Any], field: str, per: Per) -> Any:
    said = pricing.get(field)
    if said is None or said == "":
        return None
    try:
        return price(said, per)
    except Unreadable as error:
        raise Untranslatable(f"pricing.{field}: {error.reason}", _HINT) from None


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate)
