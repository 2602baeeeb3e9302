"""Two different triggers at the same instant, each in a process of its own, many times: one sync for each slot.

``python -m bench.chaos_triggers KIND`` is one of the processes; ``bench.chaos --triggers N`` starts them.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from bench.chaos_judge import quantiles
from bench.chaos_world import Eyes, Listings, prepare, variables
from bench.databases import empty, kinds
from bench.measure import python
from bench.report import Report
from modelcensus.core.errors import NotNow
from modelcensus.core.run import RunState, Trigger
from modelcensus.core.working import PROTOCOL, DueRow, DueState
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect_source
from modelcensus.operations.triggering.holding import held
from modelcensus.operations.triggering.runs import Runs
from modelcensus.operations.triggering.syncing import Retry
from modelcensus.operations.working.carrying import Carrier
from modelcensus.operations.working.claiming import Terms
from modelcensus.settings import Settings
from modelcensus.store import runs, working
from modelcensus.upstream import Play, Received, Upstream
from modelcensus.wiring import open_census, settings_here

SOURCE = "fire1"
KINDS = ("http", "cron", "cli", "worker")
COLUMNS = ("database", "pair", "times", "first won", "one sync", "none", "two", "apart ms p50", "p99", "max")
_AHEAD = 0.02
"""Seconds ahead of now at which both are to fire: they wait for it in a loop."""


@dataclass
class Gate:
    """The upstream: it answers once both triggers have been told whether they may."""

    listings: Listings = field(default_factory=lambda: Listings(0.0))
    opened: Event = field(default_factory=Event)

    def __call__(self, request: Received) -> Play:
        """The listing, when the gate is open."""
        self.opened.wait(30)
        return self.listings(request)


@dataclass(frozen=True)
class Fired:
    """One instant: how many of the two were let, how many syncs were recorded, seconds between the two."""

    pair: tuple[str, str]
    first: bool
    """Whether the first of the pair was let."""
    started: int
    recorded: int
    apart: float


def report_triggers(times: int, server: str | None, seed: int) -> Report:
    """Fire so many times on each database, and judge."""
    report = Report("Two triggers at the same instant", COLUMNS)
    for kind in kinds(server):
        with empty(kind, server) as database, TemporaryDirectory(prefix="modelcensus-chaos-") as folder:
            fired = list(fire(database, Path(folder), times, random.Random(seed)))
        for pair in sorted({each.pair for each in fired}):
            mine = [each for each in fired if each.pair == pair]
            told = Counter(min(max(each.started, each.recorded), 2) for each in mine)
            apart = quantiles([each.apart * 1000 for each in mine])
            report.rows.append(
                (
                    kind,
                    " and ".join(pair),
                    len(mine),
                    sum(each.first for each in mine),
                    told[1],
                    told[0],
                    told[2],
                    *apart,
                )
            )
        report.require(len(fired) == times and all(each.started == each.recorded == 1 for each in fired))
    return report


def fire(database: str, folder: Path, times: int, chance: random.Random) -> Iterator[Fired]:
    """So many instants, each with two kinds of triggers drawn at random."""
    prepare(database)
    gate = Gate()
    with Upstream(gate, kept_requests=1) as upstream, ExitStack() as stack:
        env = variables(database, upstream.url, [SOURCE], MODELCENSUS_SYNC__COOLDOWN_MINUTES="0")
        triggers = {kind: stack.enter_context(_child(kind, env, folder)) for kind in KINDS}
        for child in triggers.values():
            child.told()  # that it is ready
        eyes = Eyes(database)
        before = _recorded(eyes)
        for _ in range(times):
            pair = tuple(sorted(chance.sample(KINDS, 2)))
            gate.opened = Event()
            instant = time.time() + _AHEAD
            for kind in pair:
                triggers[kind].tell({"at": instant})
            answers = [triggers[kind].told() for kind in pair]
            gate.opened.set()
            for kind in pair:
                triggers[kind].tell({"end": True})
            ends = [triggers[kind].told() for kind in pair]
            assert all(each["ended"] in ("done", None) for each in ends), ends
            after = _recorded(eyes)
            apart = abs(answers[0]["at"] - answers[1]["at"])
            let = [bool(each["started"]) for each in answers]
            yield Fired((pair[0], pair[1]), let[0], sum(let), after - before, apart)
            before = after


def _recorded(eyes: Eyes) -> int:
    return int(eyes.rows("SELECT count(*) FROM sync WHERE status IN ('complete', 'partial')")[0][0])


@dataclass
class Child:
    """A process that triggers when it is told to."""

    process: subprocess.Popen[str]

    def tell(self, order: dict[str, Any]) -> None:
        """Give it an order."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def told(self) -> dict[str, Any]:
        """Its answer."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a trigger's process has ended: see its log, or run it by hand")
        return dict(json.loads(line))


@contextmanager
def _child(kind: str, env: dict[str, str], folder: Path) -> Iterator[Child]:
    with (folder / f"{kind}.log").open("wb") as log:
        process = subprocess.Popen(
            python("bench.chaos_triggers", kind), env=env, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log, text=True,
        )  # fmt: skip
    with process:  # which closes its input, at which it ends
        try:
            yield Child(process)
        except BaseException:
            process.kill()
            raise


Ender = Callable[[], str]
"""Waits for the end of what was triggered, and says how it ended."""
Begun = tuple[bool, Ender]
"""Whether a sync was begun at once, and what waits for its end."""


def _in_background(census: Census, settings: Settings, trigger: Trigger, _instant: int) -> Begun:
    """As the API's addresses do."""
    mine = Runs(census, settings.sync)
    claim = mine.begin([SOURCE], trigger=trigger, actor="bench", partly=trigger is Trigger.CRON)
    return True, lambda: mine.wait(claim.run.id, 30).state.value


def _in_hand(census: Census, _settings: Settings, trigger: Trigger, _instant: int) -> Begun:
    """As the command line does."""
    stack = ExitStack()
    holding = stack.enter_context(held(census, [census.sources[SOURCE]], trigger=trigger, actor="bench"))

    def end() -> str:
        with stack:
            for source in holding.sources:
                for _record in holding.noted(collect_source(census, source)):
                    pass
            holding.release(RunState.DONE)
        return "done"

    return True, end


def _as_due(census: Census, settings: Settings, _trigger: Trigger, instant: int) -> Begun:
    """As a worker does: it waits for whoever was first, and finds that the same is done."""
    terms = Terms(worker="bench", protocol=PROTOCOL, lease_seconds=settings.worker.lease_seconds, attempts=5)
    carrier = Carrier(census, terms, Retry(), 60.0)
    at_work = Thread(target=carrier.attempt, args=(SOURCE, instant), daemon=True)
    at_work.start()

    def row() -> DueRow:
        with census.store.reading() as tx:
            found = working.find(tx, SOURCE, instant)
        assert found is not None
        return found

    def end() -> str:
        at_work.join(30)
        return row().state.value

    while at_work.is_alive():
        with census.store.reading() as tx:
            if any(slot.released_at is None for slot in runs.slots(tx, [SOURCE])):
                break
        time.sleep(0.005)
    return row().state is DueState.RUNNING, end


_BEGINNINGS = {"http": _in_background, "cron": _in_background, "cli": _in_hand, "worker": _as_due}


def trigger(kind: str) -> None:
    """Trigger as this kind does, whenever a line on the standard input says so, until its end."""
    settings, begin = settings_here().settings, _BEGINNINGS[kind]
    with open_census(settings, create=False) as census:
        ends: Ender | None = None
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            if "at" not in order:
                print(json.dumps({"ended": ends() if ends else None}), flush=True)
                continue
            instant = int(order["at"] * 1e6)
            if kind == "worker":
                with census.store.noting() as tx:
                    working.enter(tx, SOURCE, instant, "models", instant, PROTOCOL)
            while time.time() < order["at"]:
                pass
            at = time.time()
            try:
                started, ends = begin(census, settings, Trigger(kind), instant)
            except NotNow:
                started, ends = False, None
            print(json.dumps({"started": started, "at": at}), flush=True)


if __name__ == "__main__":
    trigger(sys.argv[1])
