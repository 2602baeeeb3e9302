"""Changes as a person reads them: moment by moment, comings and goings together, alterations one by one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import msgspec

from modelcensus.core.change import ChangeKind
from modelcensus.core.errors import InvalidInput
from modelcensus.core.records import Change
from modelcensus.operations import browse
from modelcensus.operations.census import Census

FOREVER = 2**62
_MOST = 150
"""Changes of one page."""


class Moment(msgspec.Struct, frozen=True):
    """What one reading of one source showed to be different."""

    source: str
    observed_at: int
    moved: tuple[tuple[ChangeKind, tuple[Change, ...]], ...]
    altered: tuple[Change, ...]


def moments(changes: Iterable[Change]) -> list[Moment]:
    """Changes in their own order, those of one reading together."""
    found = []
    for (source, observed_at), group in groupby(changes, key=lambda change: (change.source, change.observed_at)):
        of_reading = list(group)
        moved = (
            (kind, tuple(change for change in of_reading if change.kind is kind))
            for kind in (ChangeKind.APPEARED, ChangeKind.REAPPEARED, ChangeKind.VANISHED)
        )
        altered = tuple(change for change in of_reading if change.kind is ChangeKind.ALTERED)
        found.append(Moment(source, observed_at, tuple(each for each in moved if each[1]), altered))
    return found


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """Moments, newest first; ``before`` (microseconds) is where older ones begin, None where there are none."""

    moments: tuple[Moment, ...]
    before: int | None


def said_otherwise(census: Census, *, source: str | None = None, before: str = "", most: int = _MOST) -> Readings:
    """What sources said otherwise than before, by moments. Raises ``InvalidInput`` for a ``before`` that is no time."""
    if before and not (before.isascii() and before.isdigit() and len(before) <= 16):
        raise InvalidInput("that is no place in the changes", "begin with the latest: /changes/sources")
    until = int(before) - 1 if before else FOREVER
    found = list(browse.changes(census.store, until=until, source=source, limit=most + 1))
    told, older = moments(found[:most]), None
    if len(found) > most:
        older = found[most].observed_at + 1
        # A moment that would be torn waits for the next page, unless it fills this one.
        if told[0].observed_at >= older:
            told = [each for each in told if each.observed_at >= older]
        else:
            older = told[-1].observed_at
    return Readings(moments=tuple(told), before=older)
