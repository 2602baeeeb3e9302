"""Kill imports and syncs with SIGKILL at random moments: nothing is half written, and the next run completes."""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from bench.databases import empty, kinds
from bench.measure import python, run, start
from bench.proofs import history_hash, metrics_hash, versions_hash
from bench.readings import model, readings
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.operations import browse
from modelcensus.operations.verify import verify
from modelcensus.settings import Settings
from modelcensus.store.engine import open_store
from modelcensus.upstream import Play, Upstream
from modelcensus.wiring import open_census

PER_RUN = 8
"""Readings that one import has before it, so that kills fall between and into its transactions."""
LISTED = 1500
"""Entities that the upstream of a sync lists; a third of them changes from one sync to the next."""


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--kills", type=int, default=200, help="kills on each database (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=9, help="of the random moments (default: %(default)s)")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="only one of them")
    given = parser.parse_args()
    columns = ("database", "kills", "before any commit", "between commits", "after the last", "problems", "seconds")
    report = Report("kill -9 at random moments", columns)
    with readings("openrouter", Path(given.recorded)) as found:
        report.notes.append(found.note)
        for kind in [given.only] if given.only else kinds(given.database):
            began = time.monotonic()
            trial = kill_often(kind, given.database, found.files, given.kills, random.Random(given.seed))
            told = [trial.moments[name] for name in ("before", "between", "after")]
            report.rows.append((kind, trial.kills, *told, len(trial.problems), time.monotonic() - began))
            report.notes += trial.problems[:20]
            report.require(not trial.problems and trial.kills == given.kills)
    return report.show(as_json=given.json)


@dataclass
class Trial:
    """What came of many kills: how many, at which moments (before, between, after the commits), what was wrong."""

    kills: int = 0
    moments: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def kill_often(kind: str, server: str | None, files: tuple[Path, ...], kills: int, chance: random.Random) -> Trial:
    """Kill ``kills`` processes, importing and syncing by turns, each half on databases of its own."""
    trial = Trial()
    with ExitStack() as stack:
        pool = stack.enter_context(TemporaryDirectory(prefix="modelcensus-bench-"))
        syncs = _sync_rounds(stack.enter_context(empty(kind, server)), trial, chance)
        imports = _import_rounds(kind, server, files, Path(pool), trial, chance)
        while trial.kills < kills:
            next(imports)
            if trial.kills < kills:
                next(syncs)
        imports.close()
        syncs.close()
    return trial


def _import_rounds(
    kind: str, server: str | None, files: tuple[Path, ...], pool: Path, trial: Trial, chance: random.Random
) -> Generator[None, None, None]:
    """Kills of imports of one history after another; each history is compared with an undisturbed one."""
    while True:
        folder = Path(pool) / str(trial.kills)
        folder.mkdir()
        with empty(kind, server) as database, empty("sqlite", None) as undisturbed:
            command = python("bench.worker", "import", database, str(folder))
            duration = 0.0
            rest = iter(files)
            while batch := list(islice(rest, PER_RUN)):
                for file in batch:
                    shutil.copy(file, folder)
                duration = _round(command, database, duration, trial, chance, len(batch))
                try:
                    yield
                except GeneratorExit:
                    _compare(database, undisturbed, folder, trial)
                    raise
            _compare(database, undisturbed, folder, trial)


def _compare(database: str, undisturbed: str, folder: Path, trial: Trial) -> None:
    run(python("bench.worker", "import", undisturbed, str(folder)))
    if _history(database) != _history(undisturbed):
        trial.problems.append(f"kill {trial.kills}: the history is not that of an undisturbed import")


def _history(database: str) -> list[tuple[int, str]]:
    with open_census(Settings(database_url=database)) as census:
        return [
            history_hash(census.store),
            versions_hash(census.store, "openrouter"),
            metrics_hash(census.store, "openrouter"),
        ]


def _sync_rounds(database: str, trial: Trial, chance: random.Random) -> Generator[None, None, None]:
    """Kills of syncs of an upstream that changes each time; afterwards the census must be what the upstream lists."""
    duration = 0.0
    for turn in range(1_000_000):
        listing = [_listed(number, turn) for number in range(LISTED)]
        with _serving(json.dumps({"data": listing}).encode()) as address:
            duration = _round(python("bench.worker", "sync", database, address), database, duration, trial, chance, 1)
        store = open_store(database)
        known = {version.key: version.sha256 for version in browse.as_of(store, 2**62)}
        names = sum(b'"turn":%d' % turn in bytes(v.data or b"") for v in browse.as_of(store, 2**62))
        store.close()
        if len(known) != LISTED or names < LISTED // 3:
            trial.problems.append(f"kill {trial.kills}: {len(known)} entities, {names} of this turn after the next run")
        yield


def _listed(number: int, turn: int) -> dict[str, object]:
    changed = turn - (turn + number) % 3
    return {**model(f"lab/model-{number}", number), "description": "small", "turn": changed}


@contextmanager
def _serving(body: bytes) -> Iterator[str]:
    with Upstream({"/models": [Play(body)]}) as upstream:
        yield f"{upstream.url}/"


def _round(
    command: list[str], database: str, duration: float, trial: Trial, chance: random.Random, steps: int
) -> float:
    """Start, kill at a random moment of the duration, look, run to the end, look. How long an undisturbed run takes."""
    before = _committed(database)
    process = start(command)
    time.sleep(chance.uniform(0.05, duration or 1.0))
    process.kill()
    process.wait()
    trial.kills += 1
    written = _committed(database) - before
    trial.moments["before" if not written else "between" if written < steps else "after"] += 1
    _look(database, trial)
    cost = run(command)
    _look(database, trial)
    expected = steps if command[3] == "import" else (1 + written)
    if (found := _committed(database) - before) != expected:
        trial.problems.append(f"kill {trial.kills}: {found} syncs after the next run, {expected} expected")
    # The next run had less to do where the killed one had got far; the longest is nearest to a whole one.
    return max(cost.wall, duration * 0.9)


def _look(database: str, trial: Trial) -> None:
    """Everything verifies, every sync is sealed and none is missing."""
    store = open_store(database)
    try:
        trial.problems += [f"kill {trial.kills}: {problem}" for problem in verify(store).problems]
        with store.reading() as tx:
            count, last, sealed = tx.execute(
                text("SELECT count(*), coalesce(max(id), 0), count(chain) FROM sync")
            ).one()
        if not count == last == sealed:
            trial.problems.append(f"kill {trial.kills}: {count} syncs, the last is {last}, {sealed} are sealed")
    finally:
        store.close()


def _committed(database: str) -> int:
    store = open_store(database)
    try:
        with store.reading() as tx:
            return int(tx.execute(text("SELECT count(*) FROM sync")).scalar() or 0)
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
