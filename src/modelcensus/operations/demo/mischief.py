"""How the upstream of the demonstration misbehaves, on which days, and what the census must make of it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from modelcensus.core.records import SyncStatus
from modelcensus.operations.demo.world import GENAI_PRICES, MODELSDEV, OPENROUTER
from modelcensus.upstream import Fault, Play

ANYWHERE = (OPENROUTER, MODELSDEV, GENAI_PRICES)
_FIRST_DAY = 2
_RETRY_AFTER = 0.05
_BOMB_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Mischief:
    """One way to misbehave: its short name, the fault, what must come of it, and which catalogs it is played on.

    With ``passes`` the next request is answered well, else the fault stays all day.
    """

    name: str
    fault: Fault
    ends: SyncStatus
    passes: bool = False
    sources: tuple[str, ...] = ANYWHERE

    def plays(self, body: bytes) -> list[Play]:
        """What the upstream answers that day, request by request."""
        bad = Play(body, fault=self.fault, seconds=_RETRY_AFTER, bomb_bytes=_BOMB_BYTES)
        return [bad, Play(body, conditional=True)] if self.passes else [bad]


_COMPLETE, _PARTIAL, _HELD = SyncStatus.COMPLETE, SyncStatus.PARTIAL, SyncStatus.HELD
_INCOMPLETE, _FAILED = SyncStatus.INCOMPLETE, SyncStatus.FAILED
# A changed type of a provider's id hides nothing where the provider is named beside it, and an error object reads as
# a provider without models, both as in models.dev: those are played on the other catalogs.
MISCHIEFS = (
    Mischief("half list", Fault.HALF_LIST, _HELD, sources=(OPENROUTER,)),
    Mischief("truncated answer", Fault.TRUNCATED_JSON, _INCOMPLETE),
    Mischief("503 with Retry-After", Fault.UNAVAILABLE, _COMPLETE, passes=True),
    Mischief("NaN", Fault.NAN, _PARTIAL, sources=(OPENROUTER,)),
    Mischief("empty list", Fault.NO_ENTITIES, _HELD),
    Mischief("gzip bomb", Fault.GZIP_BOMB, _FAILED),
    Mischief("duplicate entries", Fault.DUPLICATED, _PARTIAL),
    Mischief("changed type", Fault.NUMBER_FOR_STRING, _PARTIAL, sources=(OPENROUTER, GENAI_PRICES)),
    Mischief("hang", Fault.HANG_BEFORE_HEADERS, _COMPLETE, passes=True),
    Mischief("503 all day", Fault.UNAVAILABLE, _FAILED),
    Mischief("error object", Fault.ERROR_OBJECT, _INCOMPLETE),
    Mischief("cut in mid-body", Fault.CUT_CHUNKED, _FAILED),
)
"""Each is played once in four weeks; a short demonstration plays those that find a day."""


def calendar(days: int, chance: Random) -> dict[tuple[int, str], Mischief]:
    """(day, source) -> mischief. The first, the last and every odd day are free of it, so that truth can be seen."""
    slots = [(day, source) for day in range(_FIRST_DAY, days, 2) for source in ANYWHERE]
    chance.shuffle(slots)
    planned: dict[tuple[int, str], Mischief] = {}
    # The choosiest first, so that each finds a day where there is one.
    for mischief in sorted(MISCHIEFS, key=lambda each: len(each.sources)):
        slot = next((slot for slot in slots if slot[1] in mischief.sources), None)
        if slot:
            slots.remove(slot)
            planned[slot] = mischief
    return planned
