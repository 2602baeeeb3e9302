"""Workers under fire: killed, frozen, their database restarted; each due second is recorded by exactly one sync.

``--triggers N`` instead fires two different triggers at the same instant, N times.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.chaos_crew import Crew
from bench.chaos_judge import SECOND, Verdict, judge, quantiles, waiting
from bench.chaos_storm import FREEZE, KILL, RESTART, Blow, Storm, planned
from bench.chaos_world import Eyes, Listings, Restart, own_postgres, prepare, sqlite_database, variables
from bench.databases import postgres
from bench.report import Report, arguments
from modelcensus.upstream import Upstream

COLUMNS = ("database", "what", "count", "hit a sync", "p50 s", "p99 s", "max s", "lost", "doubled")
_BEGIN_SECONDS = 90.0
_DRAIN_SECONDS = 90.0
"""So long, and as long as the storm took, they may take to end what is due once nothing disturbs them any more."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How hard the workers are tried. ``answer``: seconds that each answer of the upstream takes."""

    seconds: float
    workers: int
    kills: int
    freezes: int = 0
    restarts: int = 0
    sources: int = 2
    lease: float = 2.0
    answer: float = 0.15
    seed: int = 17


@dataclass(frozen=True)
class Outcome:
    """What came of a trial; ``problems`` is empty where nothing was lost, doubled or otherwise amiss."""

    verdict: Verdict
    blows: list[Blow]
    problems: list[str]


def main() -> int:
    given = _parser().parse_args()
    # An interrupted harness leaves its blocks, and with them its workers and its database.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if given.triggers:
        # Imported here: it needs other parts of the program than the storm.
        from bench.chaos_triggers import report_triggers

        return report_triggers(given.triggers, given.database, given.seed).show(as_json=given.json)
    report = Report("Workers under fire", COLUMNS)
    for kind in ("sqlite", "postgresql") if given.sqlite and given.database else _only(given):
        alone = kind == "sqlite"
        trial = Trial(
            seconds=given.seconds, workers=1 if alone else given.workers, kills=given.kills, freezes=given.freezes,
            restarts=0 if alone else given.restarts, sources=given.sources, lease=given.lease, answer=given.answer,
            seed=given.seed,
        )  # fmt: skip
        with TemporaryDirectory(prefix="modelcensus-chaos-") as folder:
            outcome = tried(trial, None if alone else given.database, given.logs or Path(folder))
        _tell(report, kind, trial, outcome)
    return report.show(as_json=given.json)


def tried(trial: Trial, server: str | None, logs: Path) -> Outcome:
    """One trial: on SQLite where no ``server`` is named, else on PostgreSQL (``auto``: one of our own, or its URL)."""
    names = [f"fire{number + 1}" for number in range(trial.sources)]
    listings = Listings(trial.answer)
    with ExitStack() as stack:
        database, restart = _opened(stack, server)
        upstream = stack.enter_context(Upstream(listings, kept_requests=1))
        prepare(database, names)
        env = variables(
            database, upstream.url, names,
            MODELCENSUS_WORKER__LEASE_SECONDS=f"{trial.lease:g}", MODELCENSUS_WORKER__ATTEMPTS="100",
        )  # fmt: skip
        eyes = Eyes(database)
        crew = stack.enter_context(Crew(trial.workers, env, logs, eyes))
        problems = _awaited(crew, eyes, names)
        since = int(time.time()) * SECOND
        storm = Storm(crew, eyes, trial.lease, restart, random.Random(trial.seed))
        if not problems:
            counts = {KILL: trial.kills, FREEZE: trial.freezes, RESTART: trial.restarts if restart else 0}
            storm.rage(planned(trial.seconds, counts, storm.chance), trial.seconds)
        until = int(time.time()) * SECOND
        problems += _drained(crew, eyes, names, until, trial.seconds + _DRAIN_SECONDS)
        problems += crew.stop()
        problems += crew.fallen
        problems += [f"{count} blows of the kind {kind} found no time" for kind, count in storm.missed.items()]
        verdict = judge(database, names, since, until, listings.asked)
    return Outcome(verdict, storm.blows, [*problems, *verdict.problems])


def _opened(stack: ExitStack, server: str | None) -> tuple[str, Restart | None]:
    if server is None:
        return stack.enter_context(sqlite_database())
    if server == "auto":
        return stack.enter_context(own_postgres())
    return stack.enter_context(postgres(server)), None


def _awaited(crew: Crew, eyes: Eyes, names: list[str]) -> list[str]:
    """Until every worker is there and every source has been synced: blows before that would hit nothing."""
    until = time.monotonic() + _BEGIN_SECONDS
    while time.monotonic() < until:
        crew.tend()
        done = {source for (source,) in eyes.glance("SELECT source FROM due WHERE state = 'done' AND attempts > 0")}
        if done.issuperset(names) and all(member.ident for member in crew.members):
            return []
        time.sleep(0.3)
    return [f"the workers had not begun after {_BEGIN_SECONDS:g} s"]


def _drained(crew: Crew, eyes: Eyes, names: list[str], until: int, seconds: float) -> list[str]:
    """Until each slot up to a time has its row and its end."""
    latest = time.monotonic() + seconds
    known = "SELECT source FROM due GROUP BY source HAVING max(due_at) >= :until"
    while time.monotonic() < latest:
        crew.tend()
        there = {source for (source,) in eyes.glance(known, {"until": until})}
        if there.issuperset(names) and waiting(eyes, until) == 0:
            return []
        time.sleep(0.5)
    return [f"{waiting(eyes, until)} slots were still open {seconds:g} s after the last blow"]


def _tell(report: Report, kind: str, trial: Trial, outcome: Outcome) -> None:
    verdict = outcome.verdict
    report.rows.append(
        (kind, "slots, and how late", verdict.slots, None, *quantiles(verdict.lateness), verdict.lost, verdict.doubled)
    )
    for each in (KILL, FREEZE, RESTART):
        count, hit, recovery = verdict.recovery(outcome.blows, each)
        if count:
            report.rows.append((kind, f"{each}, and recovery", count, hit, *quantiles(recovery), None, None))
    both: list[float] = []
    for each in (KILL, FREEZE):
        both += verdict.recovery(outcome.blows, each)[2]
    report.rows.append((kind, "kill or freeze, and recovery", None, None, *quantiles(both), None, None))
    report.notes.append(
        f"{kind}: {trial.workers} workers, {trial.sources} sources each second, lease {trial.lease:g} s, answers take"
        f" {trial.answer:g} s; {verdict.recorded} syncs of {verdict.requests} answers in {verdict.attempts} attempts"
    )
    report.notes += [f"{kind}: {problem}" for problem in outcome.problems[:20]]
    report.require(not outcome.problems and not verdict.lost and not verdict.doubled)


def _only(given: Any) -> tuple[str, ...]:
    if given.sqlite:
        return ("sqlite",)
    return ("postgresql",) if given.database else ("sqlite",)


def _parser() -> argparse.ArgumentParser:
    parser = arguments(__doc__)
    parser.add_argument("--database", help="on PostgreSQL: auto (one of our own, which can be restarted) or a URL")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite: one worker at a time")
    for name, kind, value, what in (
        ("seconds", float, 600, "length of the storm"), ("workers", int, 4, "on PostgreSQL"),
        ("kills", int, 100, "SIGKILL"), ("freezes", int, 0, "SIGSTOP for longer than the lease, then SIGCONT"),
        ("restarts", int, 0, "of the database, half of them as after a crash"),
        ("sources", int, 2, "each is due every second"), ("lease", float, 2, "seconds"),
        ("answer", float, 0.15, "seconds that an answer of the upstream takes"), ("seed", int, 17, "of the moments"),
        ("triggers", int, 0, "fire two triggers at once so many times instead"),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=kind, default=value, help=f"{what} (default: %(default)s)")
    parser.add_argument("--logs", type=Path, help="keep what the workers write in this folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
