"""What can be wrong with an entity or a page, each with what to do about it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """Categories of faults. The value is stored and shown."""

    MALFORMED_JSON = "malformed_json"
    INVALID_UTF8 = "invalid_utf8"
    NOT_FINITE = "not_finite"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    DUPLICATE_MEMBER = "duplicate_member"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    NOT_AN_OBJECT = "not_an_object"
    BAD_KEY = "bad_key"
    DUPLICATE_KEY = "duplicate_key"
    WRONG_TOP_LEVEL = "wrong_top_level"
    TRUNCATED = "truncated"


HINTS: dict[FaultKind, str] = {
    FaultKind.MALFORMED_JSON: "not valid JSON; report it to the upstream, the last good version stays",
    FaultKind.INVALID_UTF8: "text that is not UTF-8; report it to the upstream, the last good version stays",
    FaultKind.NOT_FINITE: "NaN or an infinity is no JSON number; report it to the upstream",
    FaultKind.NUMBER_OUT_OF_RANGE: "a number too large, too small or too long to be real; report it to the upstream",
    FaultKind.DUPLICATE_MEMBER: "one object has a member twice, so its value is ambiguous; report it to the upstream",
    FaultKind.TOO_DEEP: "nested deeper than 64 levels; report it to the upstream",
    FaultKind.TOO_LARGE: "larger than one entity may be; report it to the upstream",
    FaultKind.NOT_AN_OBJECT: "an object was expected here; see whether the upstream changed its format",
    FaultKind.BAD_KEY: "the id is missing, empty, too long or not text; see whether the upstream changed its format",
    FaultKind.DUPLICATE_KEY: "the id came twice in one reading; the first one was kept",
    FaultKind.WRONG_TOP_LEVEL: "the answer has not the shape of this catalog; check the source's base URL",
    FaultKind.TRUNCATED: "the answer ends in the middle; nothing was removed, the next sync will tell",
}


class Fault(msgspec.Struct, frozen=True):
    """One thing that could not be understood.

    ``place`` says where (a member, a byte, an index); ``raw`` is the offending text; ``category`` and ``key`` name the
    entity if that much could be read. An entity that is named counts as seen, so its fault cannot remove it.
    """

    kind: FaultKind
    place: str = "$"
    raw: bytes = b""
    category: str | None = None
    key: str | None = None

    @property
    def hint(self) -> str:
        """What it means and what to do, in one line."""
        return HINTS[self.kind]
