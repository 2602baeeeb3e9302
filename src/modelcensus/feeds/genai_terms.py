"""The census in genai-prices' words: names of prices, tiers, days from which they hold, and providers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelcensus.core.catalog.listing import Prices, Rates, Tier, Window
from modelcensus.feeds.portraits import stepped
from modelcensus.feeds.writing import times

OWN = {
    "anthropic": "anthropic",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "google": "google",
    "minimax": "minimax",
    "mistralai": "mistral",
    "moonshotai": "moonshotai",
    "openai": "openai",
    "perplexity": "perplexity",
    "x-ai": "x-ai",
    "z-ai": "zai",
}
"""Lab -> genai-prices' id of its own service."""


def _provider(identity: str, name: str, api_pattern: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": name, "api_pattern": api_pattern, **more}


PROVIDERS: dict[str, dict[str, Any]] = {
    each["id"]: each
    for each in (
        _provider("anthropic", "Anthropic", r"https://api\.anthropic\.com", model_match={"contains": "claude"},
                  provider_match={"contains": "anthropic"}),
        _provider("cohere", "Cohere", r"https://api\.cohere\.(?:ai|com)", model_match={"starts_with": "command-"}),
        _provider("deepseek", "Deepseek", r"https://api\.deepseek\.com", model_match={"starts_with": "deepseek"}),
        _provider("google", "Google", r"https://(.*\.)?googleapis\.com", model_match={"contains": "gemini"},
                  provider_match={"or": [{"contains": "google"}, {"contains": "vertex"}, {"contains": "gemini"}]}),
        _provider("minimax", "MiniMax", r"https://api\.minimax(i)?\.(?:com|io)"),
        _provider("mistral", "Mistral", r"https://api\.mistral\.ai", provider_match={"starts_with": "mistral"}),
        _provider("moonshotai", "MoonshotAi", r"https://api\.moonshot\.", model_match={"starts_with": "kimi"}),
        _provider("openai", "OpenAI", r"https://api\.openai\.com",
                  model_match={"or": [{"starts_with": "gpt-"}, {"regex": "^o[134]"}]},
                  provider_match={"contains": "openai"}),
        _provider("openrouter", "OpenRouter", r"https://(api\.)?openrouter\.ai"),
        _provider("perplexity", "Perplexity", r"https://api\.perplexity\.ai"),
        _provider("x-ai", "X AI", r"https://api\.x\.ai", model_match={"contains": "grok"},
                  provider_match={"equals": "xai"}),
        _provider("zai", "Z.AI", r"https://api\.z\.ai"),
    )
}  # fmt: skip
"""What genai-prices must know of a provider, for a census that has not recorded upstream's own records of them
(https://github.com/pydantic/genai-prices, ``prices/providers/``)."""

_RATES = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "reasoning": "output_reasoning_mtok",
    "audio_cache_read": "cache_audio_read_mtok",
    "audio_input": "input_audio_mtok",
    "audio_output": "output_audio_mtok",
    "image_input": "input_image_mtok",
    "image_output": "output_image_mtok",
    "character": "input_mchars",
    "audio_minute": "audio_hours",
    "page": "input_document_kpages",
    "request": "requests_kcount",
    "web_search": "web_searches_kcount",
}
_OTHER = {"input_mchars": 1_000_000, "audio_hours": 60}
"""What is not counted by a thousand: characters by the million, minutes by the hour."""
_PARTS: dict[str, tuple[str, ...]] = {
    "cache_read_mtok": ("input_mtok",),
    "cache_write_mtok": ("input_mtok",),
    "cache_write_1h_mtok": ("input_mtok", "cache_write_mtok"),
    "output_reasoning_mtok": ("output_mtok",),
    "cache_audio_read_mtok": ("input_mtok", "cache_read_mtok", "input_audio_mtok"),
    "input_audio_mtok": ("input_mtok",),
    "output_audio_mtok": ("output_mtok",),
    "input_image_mtok": ("input_mtok",),
    "output_image_mtok": ("output_mtok",),
}
"""A price of a part, and those of the wholes without which genai-prices does not count."""
_JOINS = (
    ("input_audio_mtok", "cache_read_mtok", "cache_audio_read_mtok"),
    ("input_audio_mtok", "cache_write_mtok", "cache_audio_write_mtok"),
    ("input_audio_mtok", "cache_write_1h_mtok", "cache_audio_write_1h_mtok"),
    ("input_image_mtok", "cache_read_mtok", "cache_image_read_mtok"),
    ("input_image_mtok", "cache_write_mtok", "cache_image_write_mtok"),
    ("input_image_mtok", "cache_write_1h_mtok", "cache_image_write_1h_mtok"),
    ("output_audio_mtok", "output_reasoning_mtok", "output_audio_reasoning_mtok"),
    ("output_image_mtok", "output_reasoning_mtok", "output_image_reasoning_mtok"),
)
"""Where both of the first are priced, what is both must be priced too: else one of them is left out."""


def prices(offered: Prices, beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """All prices that can be counted with, alone or ``beside`` those that are there; exact, tiers included."""
    base, steps = _named(offered.base), [(_start(tier.above), _named(tier.rates)) for tier in stepped(offered)]
    found: dict[str, Any] = {}
    for name, price in base.items():
        tiers = [{"start": above, "price": rates[name]} for above, rates in steps if name in rates]
        changes = any(tier["price"] != price for tier in tiers)
        found[name] = {"base": price, "tiers": tiers} if changes else price
    return _countable(found, dict(beside or {}))


def _named(rates: Rates) -> dict[str, Decimal]:
    return {_RATES[name]: _unit(_RATES[name], price) for name, price in rates.known() if name in _RATES}


def _unit(name: str, price: Decimal) -> Decimal:
    return price if name.endswith("_mtok") else times(price, _OTHER.get(name, 1000))


def _countable(found: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    kept = dict(found)
    while odd := set(_uncountable(kept, beside)):
        kept = {name: price for name, price in kept.items() if name not in odd}
    return kept


def _uncountable(found: Mapping[str, Any], beside: Mapping[str, Any]) -> Iterator[str]:
    """Which of ``found`` must go; what is there already is never one of them."""
    there, ours = found.keys() | beside.keys(), found.keys() - beside.keys()
    for name in ours:
        if not there.issuperset(_PARTS.get(name, ())):
            yield name
    for one, other, both in _JOINS:
        if one in there and other in there and both not in there:
            yield from [name for name in (one, other) if name in ours][:1]


def history(offered: Prices) -> list[dict[str, Any]]:
    """Sets of prices as upstream dates them: the last that holds counts, the first where none does.

    Windows of a region, or with a begin and an hour, have no words there and are left out.
    """
    days = sorted((each for each in offered.windows if _is_dated(each)), key=lambda each: each.starts or "")
    past = [each for each in days if each.ends is not None]
    found = [_set(each.rates, each.tiers, {"start_date": each.starts} if each.starts else None) for each in past]
    found.append(_set(offered.base, offered.tiers, {"start_date": past[-1].ends} if past else None))
    found += [_set(each.rates, each.tiers, {"start_date": each.starts}) for each in days if each.ends is None]
    for window in offered.windows:
        if window.daily_from and window.daily_until and not (window.region or window.starts or window.ends):
            hours = {"start_time": f"{window.daily_from}:00Z", "end_time": f"{window.daily_until}:00Z"}
            found.append(_set(window.rates, window.tiers, hours))
    return [each for each in found if each["prices"]]


def _is_dated(window: Window) -> bool:
    return bool(window.starts or window.ends) and not (window.region or window.daily_from or window.daily_until)


def _set(rates: Rates, tiers: tuple[Tier, ...], constraint: dict[str, Any] | None) -> dict[str, Any]:
    said = prices(Prices(base=rates, tiers=tiers))
    return {"constraint": constraint, "prices": said} if constraint else {"prices": said}


def dated(said: object) -> list[dict[str, Any]]:
    """Upstream's ``prices`` as a list of sets, each with its constraint if it has one."""
    if isinstance(said, Mapping):
        return [{"prices": dict(said)}]
    return [dict(each) for each in said if isinstance(each, Mapping)] if isinstance(said, list) else []


def readable(entity: dict[str, Any]) -> dict[str, Any]:
    """Upstream's record without the sets whose days or hours are no texts, as its older files have them.

    One of them would refuse the whole document.
    """
    said = entity.get("prices")
    if not isinstance(said, list):
        return entity
    return {**entity, "prices": [each for each in dated(said) if _is_text(each.get("constraint"))]}


def _is_text(constraint: object) -> bool:
    if not isinstance(constraint, Mapping):
        return constraint is None
    return all(isinstance(value, str) for value in constraint.values())


def in_force(sets: list[dict[str, Any]], today: str) -> dict[str, Any]:
    """The prices that hold all day on a day, as upstream counts: the last set that has begun, else the first."""
    begun = [each for each in sets if _begun(each.get("constraint"), today)]
    chosen = begun[-1] if begun else sets[0] if sets else {}
    said = chosen.get("prices")
    return dict(said) if isinstance(said, Mapping) else {}


def with_set(sets: list[dict[str, Any]], since: str, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Upstream's sets with one that holds from a day on, until the next that upstream knows to begin later."""
    later = [each for each in sets if not _begun(each.get("constraint"), since)]
    return [
        *(each for each in sets if each not in later),
        {"constraint": {"start_date": since}, "prices": dict(said)},
        *later,
    ]


def _begun(constraint: object, today: str) -> bool:
    if not isinstance(constraint, Mapping):
        return constraint is None
    start = constraint.get("start_date")
    return isinstance(start, str) and start <= today


def _start(above: int) -> int:
    """Where a tier begins: "from 200,000 on", which is above 199,999, is 200000 in upstream's words too."""
    return above + 1 if above % 1000 == 999 else above


def same(one: Any, other: Any) -> bool:
    """Whether two prices, or tiered prices, are equal to the digit."""
    return bool(_plain(one) == _plain(other))


def _plain(price: Any) -> Any:
    if isinstance(price, Mapping):
        return {name: _plain(member) for name, member in price.items()}
    if isinstance(price, list):
        return list(map(_plain, price))
    is_number = isinstance(price, (int, float, Decimal)) and not isinstance(price, bool)
    return Decimal(str(price)) if is_number else price
