"""Compare the census at two times."""

from __future__ import annotations

from collections.abc import Iterator

from modelcensus.core import canonical
from modelcensus.core.change import ChangeKind, differences
from modelcensus.core.records import Change, Version
from modelcensus.operations import browse
from modelcensus.store.engine import Store


def diff(
    store: Store, earlier: int, later: int, *, source: str | None = None, category: str | None = None
) -> Iterator[Change]:
    """What is different at ``later`` from ``earlier``, whatever happened between; by source, category and key.

    Two ordered streams are merged, so memory does not grow with the catalog.
    """
    before = browse.as_of(store, earlier, source=source, category=category)
    after = browse.as_of(store, later, source=source, category=category)
    one, other = next(before, None), next(after, None)
    while one or other:
        if other is None or (one is not None and _place(one) < _place(other)):
            assert one is not None
            yield _change(ChangeKind.VANISHED, one, later)
            one = next(before, None)
        elif one is None or _place(other) < _place(one):
            yield _change(ChangeKind.APPEARED, other, other.observed_at)
            other = next(after, None)
        else:
            if one.sha256 != other.sha256:
                yield _altered(one, other)
            one, other = next(before, None), next(after, None)


def _place(version: Version) -> tuple[bytes, bytes, bytes]:
    return version.source.encode(), version.category.encode(), version.key.encode()


def _altered(one: Version, other: Version) -> Change:
    assert one.data is not None
    assert other.data is not None
    fields = differences(canonical.decode(bytes(one.data)), canonical.decode(bytes(other.data)))
    return Change(
        kind=ChangeKind.ALTERED, source=other.source, category=other.category, key=other.key,
        observed_at=other.observed_at, sync_id=other.sync_id, fields=tuple(fields),
    )  # fmt: skip


def _change(kind: ChangeKind, version: Version, observed_at: int) -> Change:
    return Change(
        kind=kind, source=version.source, category=version.category, key=version.key, observed_at=observed_at,
        sync_id=version.sync_id,
    )  # fmt: skip
