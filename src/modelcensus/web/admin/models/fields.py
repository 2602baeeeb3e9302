"""The fields of a model that a person may set: what each is now, who says so, and how a value is written."""

from __future__ import annotations

from typing import Any

import msgspec

from modelcensus.core.catalog.curated import how_to_write
from modelcensus.core.catalog.fields import RATES
from modelcensus.core.catalog.listing import CAPABILITIES
from modelcensus.core.catalog.model import FIELDS, Origin, Value
from modelcensus.core.catalog.portrait import Entry

_PARTS = {
    "price": (*RATES, "variable", "tiers", "windows"), "capabilities": CAPABILITIES, "links": (), "benchmarks": (),
}  # fmt: skip
_BARE = tuple(name for name in FIELDS if name not in _PARTS)


class FieldNow(msgspec.Struct, frozen=True, kw_only=True):
    """One field: ``written`` is its value as a form takes it, ``value`` UNSET where it is not known."""

    path: str
    value: Value | msgspec.UnsetType
    written: str
    origin: Origin | None
    overridden: bool
    hint: str


def fields_now(entry: Entry) -> tuple[list[FieldNow], list[FieldNow]]:
    """The fields of a model that are known, in the order in which fields are shown, and those that are not."""
    known = entry.model.fields
    paths = (*_BARE, *(f"{first}.{rest}" for first, parts in _PARTS.items() for rest in parts))
    return (
        [_field(path, entry) for path in sorted(known, key=_place)],
        [_field(path, entry) for path in sorted(set(paths) - known.keys(), key=_place)],
    )


def written(value: Any) -> str:
    """A value as a form takes it."""
    if value is msgspec.UNSET:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _place(path: str) -> tuple[int, int, str]:
    first, _, rest = path.partition(".")
    parts = _PARTS.get(first, ())
    return (FIELDS.index(first) if first in FIELDS else len(FIELDS),
            parts.index(rest) if rest in parts else len(parts), path)  # fmt: skip


def _field(path: str, entry: Entry) -> FieldNow:
    value = entry.model.fields.get(path, msgspec.UNSET)
    return FieldNow(
        path=path, value=value, written=written(value), origin=entry.model.origins.get(path), hint=how_to_write(path),
        overridden=any(each.path == path for each in entry.overrides),
    )  # fmt: skip
