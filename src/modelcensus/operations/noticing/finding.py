"""What a watch gives: the incidents that it found, and from where to where it looked."""

from __future__ import annotations

import msgspec

from modelcensus.core.notice import Incident

OLDEST = 7 * 24 * 3_600_000_000
"""Microseconds: what happened longer ago than this is news to nobody, and is passed over."""


class Found(msgspec.Struct, frozen=True):
    """Incidents between two positions of a watch; ``before`` is None on its first look."""

    watch: str
    before: str | None
    after: str
    incidents: tuple[Incident, ...] = ()
