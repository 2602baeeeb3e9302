"""Entities whose key takes more than a look at ``id``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from modelcensus.core import canonical, envelope, scan
from modelcensus.core.canonical import Malformed
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Slice, Split, key_problem
from modelcensus.sources.paged import taken_apart


def plain(raw: envelope.Raw) -> dict[str, Any]:
    """The object in ``raw``. Raises ``Malformed`` that says what is wrong with it, a member that comes twice included:
    a key made of either of the two might be another entity's."""
    value = canonical.decode(bytes(raw))
    if not isinstance(value, dict):
        raise Malformed(Fault(FaultKind.NOT_AN_OBJECT, type(value).__name__))
    return value


def readable(raw: envelope.Raw) -> dict[str, Any]:
    """What can be read of an object that is broken somewhere: its members, UNSET for those that are broken or come
    twice."""
    if scan.kind(raw) != "object":
        return {}
    found = scan.members(raw)
    members: dict[str, Any] = {}
    for name, member in zip(found.names, found.items, strict=True):
        members[name] = msgspec.UNSET if name in members else _value(member)
    return members


def _value(raw: envelope.Raw) -> Any:
    try:
        return canonical.decode(bytes(raw))
    except Malformed:
        return msgspec.UNSET


def text_of(record: Mapping[str, Any], name: str) -> str | None:
    """A member that is a text; None where it is absent, null or blank.

    Raises ``Malformed`` for anything else: a key made without it would be another entity's.
    """
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(Fault(FaultKind.BAD_KEY, f"{name} is {type(value).__name__}"))
    return value if value and not value.isspace() else None


def keyed(
    items: list[msgspec.Raw] | list[bytes], category: str, key_of: Callable[[dict[str, Any]], object]
) -> Iterator[Slice | Fault]:
    """Each item as an entity under the key that ``key_of`` finds in it, or as the fault that prevents it."""
    for index, raw in enumerate(items):
        try:
            key = key_of(plain(raw))
        except Malformed as error:
            fault = error.fault
            yield Fault(fault.kind, f"[{index}] {fault.place}", bytes(raw), category)
            continue
        if isinstance(key, str) and not (problem := key_problem(key)):
            yield Slice(category, key, raw)
        else:
            problem = key_problem(key) or "no id"
            yield Fault(FaultKind.BAD_KEY, f"[{index}] {problem}", bytes(raw), category)


def split_data(body: bytes, category: str, key_of: Callable[[dict[str, Any]], object]) -> Split:
    """One whole listing ``{"data": [...]}``."""
    listing = envelope.open_listing(body, "data")
    return taken_apart(listing, keyed(listing.items, category, key_of), more=False)
