"""What somebody wants to compare: models by id or any name, at a time, with a use of them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

import msgspec

from modelcensus.core.catalog.cost import MAX_COUNT, Usage
from modelcensus.core.errors import InvalidInput

MOST = 6
"""Models that fit side by side."""
_LONGEST = 500
PLAIN = {"in": "10000", "out": "1000", "times": "1000"}
"""A use that nobody said: tokens of a request and of its answer, and how many of it."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An address taken apart. ``counts``, by name, are as they were typed; ``beyond`` are models that do not fit."""

    models: tuple[str, ...]
    beyond: tuple[str, ...]
    add: str
    as_of: str
    only: bool
    counts: dict[str, str]

    def url(self, models: Iterable[str] | None = None, **other: str) -> str:
        """The address of this comparison, with other models, or something else set otherwise."""
        given = {"as_of": self.as_of, "only": "differences" if self.only else ""}
        given |= {name: text for name, text in self.counts.items() if text != PLAIN[name]}
        pairs = [("m", each) for each in (self.models if models is None else models)]
        pairs += [(name, text) for name, text in {**given, **other}.items() if text]
        return f"/compare?{urlencode(pairs)}" if pairs else "/compare"

    def without(self, model_id: str) -> str:
        """The address without one model."""
        return self.url([each for each in self.models if each != model_id])

    def with_(self, model_id: str) -> str:
        """The address with one more."""
        return self.url([*self.models, model_id])

    def usage(self) -> tuple[Usage, int]:
        """One request, and how many of it. Raises ``InvalidInput``."""
        found = {name: _count(text) for name, text in self.counts.items()}
        return Usage(input=found["in"], output=found["out"]), found["times"]


def asked(pairs: Iterable[tuple[str, str]]) -> Asked:
    """The pairs of a query, in order; a model that is named twice counts once."""
    given = [(name, text.strip()[:_LONGEST]) for name, text in pairs]
    models = tuple(dict.fromkeys(text for name, text in given if name == "m" and text))
    one = {name: text for name, text in given if text}
    return Asked(
        models=models[:MOST], beyond=models[MOST:], add=one.get("add", ""), as_of=one.get("as_of", ""),
        only=one.get("only") == "differences", counts={name: one.get(name, text) for name, text in PLAIN.items()},
    )  # fmt: skip


def _count(text: str) -> int:
    plain = "".join(text.replace(",", "").replace("_", "").split())
    if not (plain.isascii() and plain.isdigit() and int(plain[:20]) <= MAX_COUNT):
        raise InvalidInput(f"'{text[:40]}' is no number of tokens or requests", f"write 0 to {MAX_COUNT:,}")
    return int(plain)
