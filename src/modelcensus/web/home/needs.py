"""What needs a person: plans, held changes, names that nobody links, sources that fail, what health says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock

import msgspec

from modelcensus.core.catalog.edition import Stamp
from modelcensus.core.health import Health, Severity
from modelcensus.core.records import SourceState
from modelcensus.operations.catalog import applying, editions, linking
from modelcensus.operations.health.looking import look
from modelcensus.operations.numbers import numbers
from modelcensus.serving.context import Context
from modelcensus.store.catalog.plans import PlanState
from modelcensus.store.engine import Store
from modelcensus.web.home.freshness import Standing, Tone

_KEPT_MICROS = 60_000_000


class Need(msgspec.Struct, frozen=True):
    """One thing to look at: how many, of what, where, and how urgent."""

    count: int
    what: str
    path: str
    tone: Tone
    detail: str = ""


class _Looked(msgspec.Struct, frozen=True):
    stamp: Stamp
    health: Health
    unmatched: int
    plans: int
    held: int


class Needs:
    """Looks after what waits; keeps what it found for a minute, or until something moves. Safe to use from threads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._last: _Looked | None = None

    def now(self, sources: Iterable[tuple[SourceState, Standing]]) -> list[Need]:
        """What waits for a person, the most urgent first."""
        found = self._looked()
        failing = [state.name for state, standing in sources if standing.tone is Tone.BAD]
        order = (Tone.BAD, Tone.WARN, Tone.GOOD, Tone.QUIET)
        return sorted(_needs(found, failing), key=lambda need: order.index(need.tone))

    def _looked(self) -> _Looked:
        store, census = self._context.census.store, self._context.census
        stamp = editions.stamp(store)
        with self._lock:
            last = self._last
            if last is None or last.stamp != stamp or census.clock() - last.health.at > _KEPT_MICROS:
                last = self._last = _Looked(
                    stamp=stamp, health=look(census, self._context.settings), unmatched=linking.waiting(store),
                    plans=numbers(store).plans_open, held=_held(store),
                )  # fmt: skip
            return last


def _held(store: Store) -> int:
    """How much the latest plan holds, whether it waits or the rest of it was applied."""
    latest = next(iter(applying.stored_plans(store, limit=1)), None)
    if latest is None or latest.state is PlanState.REJECTED:
        return 0
    return len(applying.still_held(latest.plan, latest.taken.released if latest.taken else None))


def _needs(found: _Looked, failing: list[str]) -> Iterator[Need]:
    if found.held:
        what = f"change{'s' if found.held > 1 else ''} held back"
        yield Need(found.held, what, "/admin/plans", Tone.WARN, "by a guard, with the reason")
    if found.plans:
        yield Need(
            found.plans,
            f"plan{'s' if found.plans > 1 else ''} waiting",
            "/admin/plans",
            Tone.WARN,
            "to apply or to reject",
        )
    if failing:
        what = f"source{'s' if len(failing) > 1 else ''} failing"
        yield Need(len(failing), what, "/admin/sources", Tone.BAD, ", ".join(failing[:3]))
    wrong = [each for each in found.health.findings if each.severity is not Severity.OK]
    if wrong:
        tone = Tone.BAD if found.health.severity is Severity.CRITICAL else Tone.WARN
        what = f"finding{'s' if len(wrong) > 1 else ''} of health"
        yield Need(len(wrong), what, "/admin", tone, ", ".join(dict.fromkeys(each.check for each in wrong)))
    if found.unmatched:
        what = f"unmatched name{'s' if found.unmatched > 1 else ''}"
        yield Need(found.unmatched, what, "/admin/names", Tone.QUIET, "linked to no model")
