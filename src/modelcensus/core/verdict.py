"""Whether a reading may remove what it does not name."""

from __future__ import annotations

import msgspec

MINIMUM_SHARE = 0.75
"""A reading with fewer than this share of the entities before it is held: it removes nothing."""
SMALL_LOSS = 2
"""A loss of so few entities is plausible however small the catalog is, unless nothing at all is left."""


class Evidence(msgspec.Struct, frozen=True):
    """What is known of one reading of one category.

    ``complete``: the source proved that it read everything; ``unnamed``: faults that no key could be read for, so that
    any entity may hide in them; ``seen``: entities named by the reading; ``live_before``: entities just before it;
    ``accepted``: a person said that the smaller catalog is real.
    """

    complete: bool
    unnamed: int
    seen: int
    live_before: int
    accepted: bool = False


def plausible(evidence: Evidence) -> bool:
    """Whether the reading is large enough to be believed, given what was there before."""
    if evidence.accepted or evidence.seen >= evidence.live_before:
        return True
    if evidence.seen == 0:
        return False
    lost = evidence.live_before - evidence.seen
    return lost <= SMALL_LOSS or evidence.seen >= MINIMUM_SHARE * evidence.live_before


def removes(evidence: Evidence) -> bool:
    """Whether entities that the reading does not name have vanished."""
    return evidence.complete and evidence.unnamed == 0 and plausible(evidence)
