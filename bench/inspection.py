"""Drift and quality: what looking at a recorded reading costs, with every entity new, every one altered, and none."""

from __future__ import annotations

import json
import sys
import time

from bench.databases import empty, kinds
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.operations.census import Census
from modelcensus.operations.inspect import inspect
from modelcensus.operations.record import Reading, record, taken_apart
from modelcensus.settings import Settings
from modelcensus.store.syncs import SyncFacts
from modelcensus.wiring import open_census

COLUMNS = ("database", "reading", "entities", "CPU µs per entity", "CPU ms")
HOUR = 3_600_000_000
BEGIN = 1_767_225_600_000_000


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--count", type=int, default=5000, help="entities (default: %(default)s)")
    given = parser.parse_args()
    report = Report("Inspection of OpenRouter-like readings", COLUMNS)
    for kind in kinds(given.database):
        with empty(kind, given.database) as database, open_census(Settings(database_url=database)) as census:
            readings = {"all new": "1", "all altered": "2", "none altered": "2"}
            for number, (name, price) in enumerate(readings.items()):
                _recorded(census, _body(given.count, price), BEGIN + number * HOUR)
                began = time.process_time()
                inspected = inspect(
                    census.store, "openrouter", census.sources["openrouter"].adapter.documents, census.clock
                )
                spent = time.process_time() - began
                if inspected.problem:
                    raise inspected.problem
                report.rows.append((kind, name, given.count, spent * 1e6 / given.count, spent * 1e3))
    report.notes.append("CPU of this process; a PostgreSQL server's own is not in it")
    return report.show(as_json=given.json)


def _recorded(census: Census, body: bytes, observed_at: int) -> None:
    source = census.sources["openrouter"]
    document = source.adapter.document("model")
    facts = SyncFacts(
        source=source.name, adapter=source.adapter.name, reader=source.adapter.reader(document),
        observed_at=observed_at, started_at=observed_at, origin="bench",
    )  # fmt: skip
    splits = taken_apart(document, [body])
    record(census.store, Reading(facts=facts, document=document, splits=splits, complete=True), census.clock)


def _body(count: int, price: str) -> bytes:
    models = [
        {
            "id": f"lab{number % 50}/model-{number}", "name": f"Model {number}",
            "canonical_slug": f"lab/model-{number}",
            "created": 1_700_000_000 + number, "description": "A model. " * 20, "context_length": 128_000,
            "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": {"prompt": f"0.00000{price}", "completion": "0.000004", "request": "0"},
            "top_provider": {"context_length": 128_000, "max_completion_tokens": 8192, "is_moderated": False},
            "supported_parameters": ["max_tokens", "temperature", "tools"],
        }
        for number in range(count)
    ]  # fmt: skip
    return json.dumps({"data": models}).encode()


if __name__ == "__main__":
    sys.exit(main())
