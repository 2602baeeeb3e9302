"""The well-known facts of a model, wherever a catalog keeps them.

Only for reading on a page: a fact is found by the places where catalogs of today have it, and everything else stays in
the raw data below. Nothing is stored or decided from these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from modelcensus.core.change import ABSENT, at_path
from modelcensus.web.rendering.shown import amount, number, value

_MILLION = 1_000_000


class Fact(msgspec.Struct, frozen=True):
    """One row: what it is called, and each version's value in order; None where a version does not say it."""

    name: str
    values: tuple[str | None, ...]

    @property
    def disputed(self) -> bool:
        """Whether two versions say different things; every catalog has its own style of names."""
        return self.name != "Name" and len({said for said in self.values if said is not None}) > 1


def _per_million(price: Any) -> str | None:
    number_of = amount(price)
    if number_of is None:
        return "by condition: see the raw data" if isinstance(price, (dict, list)) and price else None
    if number_of < 0:
        return "varies"
    return "free" if number_of == 0 else f"${_tidy(number_of)}"


def _per_token(price: Any) -> str | None:
    number_of = amount(price)
    return _per_million(price if number_of is None else number_of * _MILLION)


def _tidy(price: Decimal) -> str:
    text = f"{price.normalize():f}"
    whole, _, cents = text.partition(".")
    return f"{int(whole):,}.{cents.ljust(2, '0')}"


def _tokens(count: Any) -> str | None:
    return number(count) if isinstance(count, int) and not isinstance(count, bool) and count > 0 else None


def _words(listed: Any) -> str | None:
    if isinstance(listed, list) and listed and all(isinstance(word, str) for word in listed):
        return value(", ".join(sorted(listed)))
    return None


def _text(said: Any) -> str | None:
    return value(said) if isinstance(said, str) and said.strip() else None


def _moment(seconds: Any) -> str | None:
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 4_000_000_000:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    return None


def _yes(said: Any) -> str | None:
    return {True: "yes", False: "no"}.get(said) if isinstance(said, bool) else None


def _named(name: str) -> Callable[[Any], str | None]:
    def yes(listed: Any) -> str | None:
        return ("yes" if name in listed else "no") if isinstance(listed, list) and listed else None

    return yes


_FACTS: tuple[tuple[str, tuple[tuple[str, Callable[[Any], str | None]], ...]], ...] = (
    ("Name", (("name", _text),)),
    ("Input, per million tokens", (("pricing.prompt", _per_token), ("cost.input", _per_million), ("prices.input_mtok", _per_million), ("prices", _per_million))),  # noqa: E501  # one row of a table
    ("Output, per million tokens", (("pricing.completion", _per_token), ("cost.output", _per_million), ("prices.output_mtok", _per_million))),  # noqa: E501  # one row of a table
    ("Cached input, per million tokens", (("pricing.input_cache_read", _per_token), ("cost.cache_read", _per_million), ("prices.cache_read_mtok", _per_million))),  # noqa: E501  # one row of a table
    ("Cache write, per million tokens", (("pricing.input_cache_write", _per_token), ("cost.cache_write", _per_million), ("prices.cache_write_mtok", _per_million))),  # noqa: E501  # one row of a table
    ("Context, tokens", (("context_length", _tokens), ("limit.context", _tokens), ("context_window", _tokens))),
    ("Longest answer, tokens", (("top_provider.max_completion_tokens", _tokens), ("limit.output", _tokens))),
    ("Reads", (("architecture.input_modalities", _words), ("modalities.input", _words))),
    ("Writes", (("architecture.output_modalities", _words), ("modalities.output", _words))),
    ("Calls tools", (("tool_call", _yes), ("supported_parameters", _named("tools")))),
    ("Reasons", (("reasoning", _yes), ("supported_parameters", _named("reasoning")))),
    ("Structured output", (("structured_output", _yes), ("supported_parameters", _named("structured_outputs")))),
    ("Open weights", (("open_weights", _yes),)),
    ("Knowledge until", (("knowledge_cutoff", _text), ("knowledge", _text))),
    ("Released", (("release_date", _text), ("created", _moment))),
    ("Expires", (("expiration_date", _text),)),
    ("Status", (("status", _text), ("deprecated", _yes))),
)  # fmt: skip


def facts_of(versions: Sequence[Any]) -> list[Fact]:
    """The facts that at least one of the decoded versions says."""
    rows = [
        Fact(name, tuple(_first(version, places) for version in versions))
        for name, places in _FACTS
    ]  # fmt: skip
    return [row for row in rows if any(said is not None for said in row.values)]


def description_of(versions: Sequence[Any]) -> str | None:
    """The longest description that a version gives."""
    said = [text for version in versions if isinstance(text := at_path(version, "description"), str) and text.strip()]
    return max(said, key=len, default=None)


def _first(version: Any, places: tuple[tuple[str, Callable[[Any], str | None]], ...]) -> str | None:
    for path, reads in places:
        found = at_path(version, path)
        if found is not ABSENT and found is not None and (said := reads(found)) is not None:
            return said
    return None
