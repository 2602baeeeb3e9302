"""Compare what two sources say: two regions of one catalog, or a mirror with its original."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from modelcensus.core import canonical
from modelcensus.core.change import FieldChange, differences
from modelcensus.core.records import Version
from modelcensus.operations import browse
from modelcensus.store.engine import Store


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """An entity that two sources do not say the same of: ``only_in`` one of them, or else with other ``fields``.

    A field's ``before`` is what the first source says, its ``after`` what the second says.
    """

    category: str
    key: str
    only_in: str | None = None
    fields: tuple[FieldChange, ...] = ()


def compare(store: Store, one: str, other: str, time: int, *, category: str | None = None) -> Iterator[Difference]:
    """Where two sources differ as of a time, by category and key. Two ordered streams are merged."""
    mine = browse.as_of(store, time, source=one, category=category)
    theirs = browse.as_of(store, time, source=other, category=category)
    left, right = next(mine, None), next(theirs, None)
    while left or right:
        if right is None or (left is not None and _place(left) < _place(right)):
            assert left is not None
            yield Difference(category=left.category, key=left.key, only_in=one)
            left = next(mine, None)
        elif left is None or _place(right) < _place(left):
            yield Difference(category=right.category, key=right.key, only_in=other)
            right = next(theirs, None)
        else:
            if left.sha256 != right.sha256:
                yield _unlike(left, right)
            left, right = next(mine, None), next(theirs, None)


def _place(version: Version) -> tuple[bytes, bytes]:
    return version.category.encode(), version.key.encode()


def _unlike(left: Version, right: Version) -> Difference:
    assert left.data is not None
    assert right.data is not None
    fields = differences(canonical.decode(bytes(left.data)), canonical.decode(bytes(right.data)))
    return Difference(category=left.category, key=left.key, fields=tuple(fields))
