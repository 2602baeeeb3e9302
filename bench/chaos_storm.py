"""The storm: kills, freezes and restarts of the database at random moments, and what each of them hit."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.chaos_crew import Crew, Member
from bench.chaos_world import Eyes, Restart

KILL, FREEZE, RESTART = "kill", "freeze", "database restart"
_AIM_SECONDS = 1.0
"""Two of three blows wait so long for a worker that has a sync in hand; the others hit any."""
_UNREADY = 0.1
"""So often one is hit that may still be starting."""
_RUNNING = "SELECT source, due_at, worker FROM due WHERE state = 'running'"

Slot = tuple[str, int]


@dataclass(frozen=True)
class Blow:
    """One blow: its kind, when it fell (microseconds since 1970), and the slots that were in the hands it hit."""

    kind: str
    at: int
    held: tuple[Slot, ...]


def planned(seconds: float, counts: dict[str, int], chance: random.Random) -> list[tuple[float, str]]:
    """When (seconds from the start) which kind of blow falls, in order."""
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    return sorted((chance.uniform(0.02, 0.98) * seconds, kind) for kind in kinds)


@dataclass
class Storm:
    """Lets the blows fall on a crew and its database. ``lease`` is the workers', in seconds."""

    crew: Crew
    eyes: Eyes
    lease: float
    restart: Restart | None
    chance: random.Random
    blows: list[Blow] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)

    def rage(self, plan: Sequence[tuple[float, str]], seconds: float) -> None:
        """Until all blows of a plan have fallen and nobody is frozen; ``missed``: those that time did not allow."""
        began, left = time.monotonic(), list(plan)
        latest = began + 2 * seconds + 30
        while time.monotonic() < latest:
            self.crew.tend()
            over = time.monotonic() - began - left[0][0] if left else -1.0
            if over >= 0 and self._strike(left[0][1], aimed=len(self.blows) % 3 > 0 and over < _AIM_SECONDS):
                left.pop(0)
            if not left and time.monotonic() >= began + seconds and all(e.thaws is None for e in self.crew.members):
                break
            time.sleep(0.02)
        self.missed.update(kind for _, kind in left)

    def _strike(self, kind: str, *, aimed: bool) -> bool:
        if kind == RESTART:
            held = tuple((source, due_at) for source, due_at, _ in self.eyes.glance(_RUNNING))
            at = _now()
            if self.restart is not None:
                self.restart(self.chance.random() < 0.5, self.chance.uniform(0, 2))
            self.blows.append(Blow(kind, at, held))
            return True
        member = self._target(aimed=aimed)
        if member is None:
            return False
        at = _now()
        if kind == KILL:
            self.crew.kill(member)
        else:
            self.crew.freeze(member, self.lease * self.chance.uniform(1.2, 2.5))
        # Looked at after the blow: what it has in hand now it has for good.
        found = self.eyes.glance(_RUNNING)
        self.blows.append(Blow(kind, at, tuple((s, due_at) for s, due_at, worker in found if worker == member.ident)))
        if kind == KILL:
            self.crew.replace(member)
        return True

    def _target(self, *, aimed: bool) -> Member | None:
        """Whom to hit: nobody who is frozen already, and rarely somebody who is not at work yet."""
        living = [each for each in self.crew.members if each.thaws is None and each.lives]
        ready = [each for each in living if each.ident is not None]
        if aimed:
            busy = {worker for _, _, worker in self.eyes.glance(_RUNNING)}
            ready = [each for each in ready if each.ident in busy]
            time.sleep(self.chance.uniform(0, 0.1))
        elif self.chance.random() < _UNREADY:
            ready = living
        return self.chance.choice(ready) if ready else None


def _now() -> int:
    return time.time_ns() // 1000
