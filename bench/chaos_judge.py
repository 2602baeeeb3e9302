"""What is left of each due second after the storm: lost, doubled, and how long it took to recover."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from bench.chaos_storm import Blow, Slot
from bench.chaos_world import Eyes
from modelcensus.operations.verify import verify
from modelcensus.store.engine import open_store

SECOND = 1_000_000
_GOOD = "('complete', 'partial')"
_LINKED = f"""SELECT d.source, d.due_at, count(s.id) FROM due_sync d LEFT JOIN sync s ON s.id = d.sync_id
AND s.status IN {_GOOD} GROUP BY d.source, d.due_at"""
_ALIEN = f"""SELECT o.name, count(*) FROM sync s JOIN source o ON o.id = s.source_id WHERE s.status IN {_GOOD}
AND NOT EXISTS (SELECT 1 FROM due_sync d WHERE d.sync_id = s.id) GROUP BY o.name"""
_STALE = f"""SELECT o.name, count(*) FROM sync s JOIN source o ON o.id = s.source_id WHERE s.status IN {_GOOD}
AND s.appeared + s.altered + s.reappeared = 0 GROUP BY o.name"""
_RECORDED = f"""SELECT o.name, count(*) FROM sync s JOIN source o ON o.id = s.source_id
WHERE s.status IN {_GOOD} GROUP BY o.name"""


@dataclass
class Verdict:
    """What came of the slots. ``lost``: due and not done; ``doubled``: syncs beyond the one of their slot."""

    slots: int = 0
    lost: int = 0
    doubled: int = 0
    attempts: int = 0
    requests: int = 0
    recorded: int = 0
    lateness: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ended: dict[Slot, int] = field(default_factory=dict)

    def recovery(self, blows: Sequence[Blow], kind: str) -> tuple[int, int, list[float]]:
        """How many blows of a kind fell, how many hit a sync, and seconds from each to the end of what it hit."""
        mine = [blow for blow in blows if blow.kind == kind]
        hit = [[self.ended[slot] - blow.at for slot in blow.held if self.ended.get(slot, 0) > blow.at] for blow in mine]
        return len(mine), sum(map(bool, hit)), sorted(each / SECOND for some in hit for each in some)


def judge(database: str, sources: Sequence[str], since: int, until: int, asked: Mapping[str, int]) -> Verdict:
    """Look at every second from each source's first to ``until``, once the workers have ended.

    ``since``: how late slots are ended counts from here on; before, the workers had to begin.
    """
    eyes, verdict = Eyes(database), Verdict()
    linked: dict[Slot, int] = {(source, due_at): count for source, due_at, count in eyes.rows(_LINKED)}
    for source in sources:
        _judge_source(eyes, source, (since, until), linked, verdict)
    recorded = Counter(dict[str, int](map(tuple, eyes.rows(_RECORDED))))
    verdict.recorded, verdict.requests = recorded.total(), sum(asked.values())
    for sql, why in ((_ALIEN, "syncs of no slot"), (_STALE, "syncs that recorded an answer again")):
        for source, count in eyes.rows(sql):
            verdict.doubled += count
            verdict.problems.append(f"{source}: {count} {why}")
    for source in sources:
        if recorded[source] > asked.get(source, 0):
            verdict.problems.append(f"{source}: {recorded[source]} syncs of {asked.get(source, 0)} answers")
    for (source,) in eyes.rows("SELECT source FROM slot WHERE released_at IS NULL"):
        verdict.problems.append(f"{source}: its slot is still held after the end of all workers")
    store = open_store(database)
    try:
        verdict.problems += verify(store).problems
    finally:
        store.close()
    return verdict


def _judge_source(
    eyes: Eyes, source: str, times: tuple[int, int], linked: Mapping[Slot, int], verdict: Verdict
) -> None:
    since, until = times
    # What is due each second is the models; a row of all documents is where the workers were told to begin.
    sql = """SELECT due_at, state, attempts, ended_at, problem FROM due
    WHERE source = :source AND documents = 'models' ORDER BY due_at"""
    rows: dict[int, Any] = {row[0]: row for row in eyes.rows(sql, {"source": source})}
    if not rows:
        verdict.lost += 1
        verdict.problems.append(f"{source}: was never due")
        return
    for due_at in range(min(rows), until + 1, SECOND):
        verdict.slots += 1
        row, syncs = rows.get(due_at), linked.get((source, due_at), 0)
        if row is None or row.state != "done" or not syncs:
            verdict.lost += 1
            state = "has no row" if row is None else f"{row.state} after {row.attempts} attempts ({row.problem})"
            verdict.problems.append(f"{source} at {due_at}: {state}, {syncs} syncs")
        if row is not None and row.ended_at is not None:
            verdict.ended[(source, due_at)] = row.ended_at
            if due_at >= since:
                verdict.lateness.append((row.ended_at - due_at) / SECOND)
    for due_at, row in rows.items():
        verdict.attempts += row.attempts
        if (syncs := linked.get((source, due_at), 0)) > 1:
            verdict.doubled += syncs - 1
            verdict.problems.append(f"{source} at {due_at}: {syncs} syncs")
        if due_at % SECOND:
            verdict.problems.append(f"{source} at {due_at}: no second of the schedule")


def waiting(eyes: Eyes, until: int) -> int | None:
    """How many slots up to a time are still to be ended; None where the database is away."""
    sql = "SELECT count(*) FROM due WHERE due_at <= :until AND state IN ('waiting', 'running')"
    found = eyes.glance(sql, {"until": until})
    return int(found[0][0]) if found else None


def quantiles(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """The median, the 99th percentile and the largest."""
    ordered = sorted(values)
    if not ordered:
        return None, None, None
    return ordered[len(ordered) // 2], ordered[ceil(len(ordered) * 0.99) - 1], ordered[-1]
