"""How small a compacted census is beside git, and whether it answers the same and as fast."""

from __future__ import annotations

import gzip
import hashlib
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from bench.databases import empty, kinds
from bench.measure import median_ms
from bench.readings import Readings, readings
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.core.document import encode
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.compacting import compact
from modelcensus.operations.replay import import_readings
from modelcensus.operations.verify import verify
from modelcensus.settings import Settings
from modelcensus.store.engine import Store
from modelcensus.store.history import metric_points
from modelcensus.store.syncs import sync_digest
from modelcensus.wiring import open_census

SOURCES = ("openrouter", "modelsdev")
COLUMNS = (
    "census of",
    "database",
    "before kB",
    "after kB",
    "blocks kB",
    "git kB",
    "of git",
    "as of ms",
    "then ms",
    "same",
)
AS_OF_MS = 10.0
OF_GIT = 2.0


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--times", type=int, default=50, help="questions of each kind (default: %(default)s)")
    given = parser.parse_args()
    report = Report("A compacted census beside git", COLUMNS, passed=True)
    git = 0.0
    for chosen in (SOURCES[:1], SOURCES):
        git = sum(_git(each, report) for each in _found(chosen, given.recorded))
        for kind in kinds(given.database):
            with empty(kind, given.database) as url, open_census(Settings(database_url=url)) as census:
                for each in _found(chosen, given.recorded):
                    _fill(census, each)
                _measure(report, census, "+".join(chosen), kind, git, given.times)
    return report.show(as_json=given.json)


def _found(chosen: tuple[str, ...], recorded: str) -> Iterator[Readings]:
    for source in chosen:
        with readings(source, Path(recorded)) as found:
            yield found


def _fill(census: Census, found: Readings) -> None:
    for one in import_readings(census, census.sources[found.source], found.folder):
        if one.error:
            raise one.error


def _measure(report: Report, census: Census, name: str, kind: str, git: float, times: int) -> None:
    store = census.store
    told, slow = _answers(store), _as_of_ms(store, times)
    began = time.perf_counter()
    done = compact(store, before=census.clock(), full=True)
    seconds = time.perf_counter() - began
    then = _as_of_ms(store, times)
    same = _answers(store) == told and verify(store).passed
    ratio = done.size_after / 1000 / git if git else None
    sizes = (done.size_before / 1000, done.size_after / 1000, done.packed_bytes / 1000)
    report.rows.append((name, kind, *sizes, git or None, ratio, slow, then, "yes" if same else "NO"))
    report.require(same)
    report.require(kind != "sqlite" or name != SOURCES[0] or then <= AS_OF_MS)
    report.require(kind != "sqlite" or ratio is None or ratio <= OF_GIT)
    report.notes.append(
        f"{name}, {kind}: {done.bodies} bodies in {done.blocks} blocks, {done.points} metric points, {seconds:.1f} s;"
        f" without bodies {(done.size_after - done.packed_bytes) / 1000:,.0f} kB"
    )
    if kind == "sqlite":
        report.notes.append("what is left: " + _shares(store))


def _answers(store: Store) -> str:
    """A digest of the catalog as of forty times, of every change, every metric point, and the digests of syncs."""
    chance = random.Random(7)
    log = browse.syncs(store, limit=100_000)
    said = hashlib.sha256()
    for _ in range(40):
        for version in browse.as_of(store, chance.randint(log[-1].observed_at, log[0].observed_at)):
            said.update(encode(version))
    for change in browse.changes(store, since=0):
        said.update(encode(change))
    with store.reading() as tx:
        for (entity_id,) in tx.execute(text("SELECT id FROM entity ORDER BY id")).all():
            said.update(encode(metric_points(tx, entity_id)))
        for (sync_id,) in tx.execute(text("SELECT id FROM sync ORDER BY id")).all():
            said.update(sync_digest(tx, sync_id))
    return said.hexdigest()


def _as_of_ms(store: Store, times: int) -> float:
    chance = random.Random(8)
    log = browse.syncs(store, limit=100_000)
    return median_ms(lambda: list(browse.as_of(store, chance.randint(log[-1].observed_at, log[0].observed_at))), times)


def _git(found: Readings, report: Report) -> float:
    """kB of git's objects with one file committed for each reading, repacked aggressively; 0 without git."""
    if shutil.which("git") is None:
        report.notes.append("git is not installed: nothing to compare with")
        return 0.0
    with TemporaryDirectory(prefix="modelcensus-bench-git-") as name:

        def git(*words: str) -> None:
            identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
            subprocess.run(["git", *identity, *words], cwd=name, check=True, capture_output=True)

        git("init", "-q")
        for file in found.files:
            (Path(name) / file.name.removesuffix(".gz")).write_bytes(gzip.decompress(file.read_bytes()))
            git("add", "-A")
            git("commit", "-q", "-m", file.name)
        git("gc", "-q", "--aggressive", "--prune=now")
        return sum(each.stat().st_size for each in Path(name, ".git/objects").rglob("*") if each.is_file()) / 1000


def _shares(store: Store) -> str:
    """kB of the largest tables and indexes of a SQLite file."""
    connection = store.alone()
    try:
        rows = connection.execute(
            "SELECT name, sum(pgsize) / 1000 FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 9"
        ).fetchall()
    finally:
        connection.close()
    return ", ".join(f"{name} {size:,} kB" for name, size in rows)


if __name__ == "__main__":
    sys.exit(main())
