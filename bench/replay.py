"""Proofs on every reading: the census as of its time is the reading; order of import and database do not matter."""

from __future__ import annotations

import gzip
import random
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.databases import empty, kinds
from bench.proofs import as_of, expected, history_hash, metrics_hash, versions_hash
from bench.readings import FOLDERS, Readings, readings
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.core.times import time_in_name
from modelcensus.operations.census import Census, Source
from modelcensus.operations.replay import import_readings
from modelcensus.operations.verify import verify
from modelcensus.settings import Settings
from modelcensus.wiring import open_census

COLUMNS = (
    "source", "database", "order", "readings", "entities", "unlike", "changes", "versions", "metrics", "history",
    "seconds",
)  # fmt: skip


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--seed", type=int, default=1, help="order of the shuffled import (default: %(default)s)")
    parser.add_argument("--source", choices=list(FOLDERS), help="only one source")
    given = parser.parse_args()
    report = Report("Every reading against the census as of its time", COLUMNS)
    for name in [given.source] if given.source else FOLDERS:
        with readings(name, Path(given.recorded)) as found:
            report.notes.append(found.note)
            hashes = set()
            for kind in kinds(given.database):
                for seed in (None, given.seed):
                    with empty(kind, given.database) as database:
                        began = time.monotonic()
                        unlike, sealed, row = _prove(database, found, seed)
                    order = "by time" if seed is None else f"shuffled, seed {seed}"
                    report.rows.append((name, kind, order, *row, time.monotonic() - began))
                    hashes.add(sealed)
                    report.require(not unlike)
            report.require(len(hashes) == 1)
            report.notes.append(
                f"{name}: {'one history' if len(hashes) == 1 else f'{len(hashes)} DIFFERENT histories'}"
            )
            report.notes += [f"  {' '.join(each)}" for each in hashes]
    return report.show(as_json=given.json)


def _prove(database: str, found: Readings, seed: int | None) -> tuple[int, tuple[str, ...], tuple[object, ...]]:
    with open_census(Settings(database_url=database)) as census, TemporaryDirectory() as folder:
        source = census.sources[found.source]
        _import(census, source, found, seed, Path(folder))
        entities, unlike = _compare(census, source, found)
        checked = verify(census.store)
        unlike += len(checked.problems)
        (changes, one), (versions, two) = history_hash(census.store), versions_hash(census.store, found.source)
        metrics, three = metrics_hash(census.store, found.source)
    counts = (len(found.files), entities, unlike, changes, versions, metrics, one[:12])
    return unlike, (f"changes {one[:16]}", f"versions {two[:16]}", f"metrics {three[:16]}"), counts


def _import(census: Census, source: Source, found: Readings, seed: int | None, folder: Path) -> None:
    """In order as one folder; shuffled file by file, since a folder is always taken in order."""
    paths = [found.folder]
    if seed is not None:
        paths = [Path(shutil.copy(file, folder)) for file in found.files]
        random.Random(seed).shuffle(paths)
    for path in paths:
        for one in import_readings(census, source, path):
            if one.error:
                raise one.error


def _compare(census: Census, source: Source, found: Readings) -> tuple[int, int]:
    entities = unlike = 0
    document = source.adapter.document(None)
    for file in found.files:
        want = expected(document, document.split(gzip.decompress(file.read_bytes())))
        moment = time_in_name(file.name)
        assert moment is not None
        got = as_of(census.store, moment, found.source)
        entities += len(want)
        unlike += sum(want.get(key) != got.get(key) for key in want.keys() | got.keys())
    return entities, unlike


if __name__ == "__main__":
    sys.exit(main())
