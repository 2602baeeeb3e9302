"""All sources at once against upstreams that take their time: the slowest alone is how long all should take."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.databases import empty, kinds
from bench.measure import python, start
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.core.records import SyncStatus
from modelcensus.operations.census import Census, Source
from modelcensus.operations.collect import collect_all
from modelcensus.settings import Settings, SourceSettings
from modelcensus.sources.registry import ADAPTERS
from modelcensus.upstream.exchanges import load_example
from modelcensus.wiring import open_census

TOGETHER, IDEAL = 1.3, 1.2
CONCURRENCY = 8


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds of each answer (default: %(default)s)")
    parser.add_argument("--models", type=int, default=400, help="with endpoints to read (default: %(default)s)")
    given = parser.parse_args()
    report = Report("Sources side by side", ("what", "database", "seconds", "against, s", "ratio", "target"))
    with _upstreams(given.latency, given.models) as addresses, TemporaryDirectory() as folder:
        for kind in kinds(given.database):
            with empty(kind, given.database) as database:
                alone, together = _side_by_side(database, addresses, Path(folder))
                slowest = max(alone, key=lambda name: alone[name])
                ratio = together / alone[slowest]
                what = f"all {len(alone)} sources at once; the slowest alone: {slowest}"
                report.rows.append((what, kind, together, alone[slowest], ratio, TOGETHER))
                report.require(ratio <= TOGETHER)
            with empty(kind, given.database) as database:
                ideal = ceil(given.models / CONCURRENCY) * given.latency
                taken = _endpoints(database, addresses["endpoints"])
                what = f"endpoints of {given.models} models, {CONCURRENCY} at once; ideal"
                report.rows.append((what, kind, taken, ideal, taken / ideal, IDEAL))
                report.require(taken / ideal <= IDEAL)
    report.notes.append(f"every answer takes {given.latency:g} s; the upstreams run in another process")
    return report.show(as_json=given.json)


@contextmanager
def _upstreams(latency: float, models: int) -> Iterator[dict[str, str]]:
    process = start(python("bench.catalogs", str(latency), str(models)), subprocess.PIPE)
    try:
        assert process.stdout
        yield json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def _side_by_side(database: str, addresses: dict[str, str], folder: Path) -> tuple[dict[str, float], float]:
    """Seconds of each source by itself, and of all at once; each into the same census under names of its own."""
    given: dict[str, SourceSettings] = {}
    for name in ADAPTERS:
        for run in ("alone", "together"):
            given[f"{name}-{run}"] = _settings(name, addresses, folder)
    with open_census(Settings(database_url=database, sources=given)) as census:
        alone = {name: _timed(census, [census.sources[f"{name}-alone"]]) for name in ADAPTERS}
        together = _timed(census, [census.sources[f"{name}-together"] for name in ADAPTERS])
    return alone, together


def _settings(name: str, addresses: dict[str, str], folder: Path) -> SourceSettings:
    path = ADAPTERS[name].example
    assert path
    example = load_example(path)
    options = dict(example.options)
    if example.file:
        options["path"] = str(folder / example.file.name)
        Path(options["path"]).write_text(example.file.text)
    # Without the upstreams' own rate limits, which would make the slowest one slower and the rest look quick.
    return SourceSettings(
        adapter=name, base_url=addresses.get(name), key=example.key, options=options, requests_per_second=1000
    )


def _timed(census: Census, sources: list[Source]) -> float:
    began = time.monotonic()
    for result in collect_all(census, sources):
        if result.status is not SyncStatus.COMPLETE:
            raise RuntimeError(f"{result.source} {result.document}: {result.status} {result.error}")
    return time.monotonic() - began


def _endpoints(database: str, address: str) -> float:
    settings = Settings(database_url=database, sources={"openrouter": SourceSettings(base_url=address)})
    with open_census(settings) as census:
        source = census.sources["openrouter"]
        list(collect_all(census, [source], categories=["model"]))
        began = time.monotonic()
        (result,) = collect_all(census, [source], categories=["endpoint"])
        taken = time.monotonic() - began
    if result.status is not SyncStatus.COMPLETE or not result.entities:
        raise RuntimeError(f"{result.status}: {result.entities} endpoints; {result.error}")
    return taken


if __name__ == "__main__":
    sys.exit(main())
