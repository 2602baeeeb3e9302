"""Changes as a person reads them: moment by moment, comings and goings together, alterations one by one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import msgspec

from modelcensus.core.change import ChangeKind
from modelcensus.core.records import Change


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
