"""What it costs to read an unchanged catalog again: CPU of recording it, against the floor in this process."""

from __future__ import annotations

import gzip
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from bench.databases import empty, kinds
from bench.floor import hashes
from bench.measure import median_ms
from bench.readings import readings
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.operations.census import Census
from modelcensus.operations.record import Reading, record, taken_apart
from modelcensus.operations.spool import Spool
from modelcensus.settings import Settings
from modelcensus.store.readings import last_payload
from modelcensus.store.syncs import SyncFacts
from modelcensus.wiring import open_census

SIZE = 1_200_000
TARGET = 3.0
"""Times the floor, for an answer that is the same; other orders are told, and have no target."""
CASES = ("the same bytes", "304 Not Modified", "the same entities in another order")
BEGIN = 1_750_000_000_000_000


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--times", type=int, default=101, help="repetitions (default: %(default)s)")
    parser.add_argument("--database", help=DATABASE_HELP)
    given = parser.parse_args()
    report = Report(
        "An unchanged catalog again", ("case", "database", "CPU ms", "floor ms", "times the floor", "new rows")
    )
    with readings("openrouter", Path(given.recorded)) as found:
        entities = padded(gzip.decompress(found.files[-1].read_bytes()))
        report.notes.append(found.note)
    body = catalog(entities)
    report.notes.append(f"{len(entities)} entities, {len(body)} bytes; floor: split into raw entities, SHA-256 of each")
    for kind in kinds(given.database):
        with empty(kind, given.database) as database, open_census(Settings(database_url=database)) as census:
            for case in CASES:
                cost, rows, floor = Bench(census, entities, given.times).measure(case)
                report.rows.append((case, kind, cost, floor, cost / floor, rows))
                report.require(rows == 0 and (kind != "sqlite" or case == CASES[2] or cost / floor <= TARGET))
    report.notes.append(f"target: no snapshot written, at most {TARGET} times the floor (on SQLite)")
    return report.show(as_json=given.json)


class Bench:
    """One catalog, recorded again and again into one census, each time an hour later."""

    def __init__(self, census: Census, entities: list[bytes], times: int) -> None:
        self.census, self.entities, self.times = census, entities, times
        self.source = census.sources["openrouter"]
        self.document = self.source.adapter.document(None)
        with census.store.reading() as tx:
            latest = tx.execute(text("SELECT max(observed_at) FROM coverage")).scalar()
        self.time = int(latest or BEGIN)

    def measure(self, case: str) -> tuple[float, int, float]:
        """(CPU milliseconds, new snapshot rows, CPU milliseconds of the floor), medians."""
        shuffled = list(self.entities)
        chance = random.Random(5)

        def body() -> bytes:
            if case == CASES[2]:
                chance.shuffle(shuffled)
            return catalog(shuffled)

        self.once(catalog(self.entities))
        before = self.snapshots()
        costs, floors = [], []
        for _ in range(self.times):
            now = body()
            costs.append(self.cpu_ms(lambda now=now: self.once(now, not_modified=case == CASES[1])))  # type: ignore[misc]  # bound at once
            floors.append(self.cpu_ms(lambda now=now: hashes(now)))  # type: ignore[misc]  # bound at once
        costs.sort(), floors.sort()
        return costs[len(costs) // 2], self.snapshots() - before, floors[len(floors) // 2]

    def cpu_ms(self, action: Callable[[], object]) -> float:
        return median_ms(action, 1, time.process_time)

    def once(self, body: bytes, *, not_modified: bool = False) -> None:
        """What ``collect`` does once the answer is there: what is known, the pile of pages, the record."""
        self.time += 3_600_000_000
        reader = self.source.adapter.reader(self.document)
        with self.census.store.reading() as tx:
            last = last_payload(tx, self.source.name, reader)
        with Spool() as spool:
            if not not_modified:
                spool.add(body)
            payload = last[1] if not_modified and last else spool.digest()
            facts = SyncFacts(
                source=self.source.name, adapter=self.source.adapter.name, reader=reader, observed_at=self.time,
                started_at=self.time, origin="bench",
            )  # fmt: skip
            reading = Reading(
                facts=facts, document=self.document, splits=taken_apart(self.document, spool.pages()), complete=True,
                payload_hash=payload, bytes_read=spool.bytes, repeats=last[0] if last and last[1] == payload else None,
                must_repeat=not_modified, tags={},
            )  # fmt: skip
            record(self.census.store, reading, lambda: self.time)

    def snapshots(self) -> int:
        with self.census.store.reading() as tx:
            return int(tx.execute(text("SELECT count(*) FROM snapshot")).scalar() or 0)


def padded(body: bytes) -> list[bytes]:
    """The entities of a real catalog, and renamed copies of them up to 1.2 MB."""
    models = json.loads(body)["data"]
    entities: list[bytes] = []
    size = copy = 0
    while size < SIZE:
        for model in models:
            renamed = {**model, "id": f"{model['id']}~{copy}" if copy else model["id"]}
            entities.append(json.dumps(renamed, separators=(",", ":")).encode())
            size += len(entities[-1]) + 1
            if size >= SIZE:
                break
        copy += 1
    return entities


def catalog(entities: list[bytes]) -> bytes:
    """A listing of these entities."""
    return b'{"data":[' + b",".join(entities) + b"]}"


if __name__ == "__main__":
    sys.exit(main())
