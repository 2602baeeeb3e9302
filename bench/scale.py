"""A paged reading of very many small entities through the real ``collect``: time per entity and peak memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url

from bench.databases import empty, kinds
from bench.measure import Cost, python, run, start
from bench.report import DATABASE_HELP, Report, arguments

READINGS = {"first": "", "unchanged": "", "one altered": "altered/"}
"""By name, where each reading is served. The last one must look at every entity."""
PEAK_MB = 300
GROWTH = 1.3
"""Times by which the time per entity of the largest may exceed that of the smallest before we call it growth."""


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--counts", default="20000,200000,2000000", help="entities (default: %(default)s)")
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="only one of them")
    given = parser.parse_args()
    columns = (
        "database",
        "entities",
        "reading",
        "µs per entity",
        "CPU µs per entity",
        "wall s",
        "peak MB",
        "database MB",
    )
    report = Report("Many small entities, in pages of 1,000", columns)
    firsts: dict[tuple[str, str], float] = {}
    for kind in [given.only] if given.only else kinds(given.database):
        for count in map(int, given.counts.split(",")):
            with empty(kind, given.database) as database, upstream(count) as address:
                for reading, path in READINGS.items():
                    cost = run(python("bench.worker", "sync", database, f"{address}/{path}"))
                    report.rows.append(_row(kind, count, reading, cost, megabytes(database)))
                    per = cost.wall / count
                    grown = per / firsts.setdefault((kind, reading), per)
                    report.require(cost.peak_mb < PEAK_MB and grown < GROWTH)
                    print(*map(str, report.rows[-1]), file=sys.stderr, flush=True)
    report.notes.append("CPU and memory are of the collecting process; a PostgreSQL server's own are not in them")
    report.notes.append(
        f"targets: peak under {PEAK_MB} MB, time per entity not above {GROWTH} times that of the smallest"
    )
    return report.show(as_json=given.json)


def _row(kind: str, count: int, reading: str, cost: Cost, size: float) -> tuple[object, ...]:
    micros = 1e6 / count
    return kind, count, reading, cost.wall * micros, cost.cpu * micros, cost.wall, cost.peak_mb, size


@contextmanager
def upstream(count: int) -> Iterator[str]:
    """The address of a listing of ``count`` entities."""
    process = start(python("bench.pages", str(count)), subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def megabytes(database: str) -> float:
    """Size of a database."""
    url = make_url(database)
    sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        sql = "SELECT pg_database_size(current_database())"
    engine = create_engine(url)
    with engine.connect() as link:
        size = int(link.exec_driver_sql(sql).scalar() or 0)
    engine.dispose()
    return size / 1e6


if __name__ == "__main__":
    sys.exit(main())
