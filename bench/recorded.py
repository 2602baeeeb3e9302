"""Every recorded reading of every source: as of its time, each entity is what the reading says."""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from pathlib import Path

from bench.databases import empty, kinds
from bench.proofs import as_of, expected
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.core.records import SyncStatus
from modelcensus.core.times import time_in_name, to_micros
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.replay import import_readings
from modelcensus.operations.verify import verify
from modelcensus.settings import Settings
from modelcensus.wiring import open_census, utc_now

FOLDERS = (
    ("openrouter", "model", "openrouter/models"),
    ("openrouter", "endpoint", "openrouter/endpoints"),
    ("openrouter", "endpoint", "openrouter/endpoints-projected"),
    ("openrouter", "provider", "openrouter/providers"),
    ("modelsdev", "model", "modelsdev/api"),
    ("huggingface", "model", "huggingface/models"),
    ("artificialanalysis", "model", "artificialanalysis/models"),
    ("openai", "model", "openai/models"),
    ("anthropic", "model", "anthropic/models"),
    ("google", "model", "google/models"),
    ("litellm", "model", "litellm/cost-map"),
    ("genai-prices", "model", "genai-prices/data"),
)
COLUMNS = ("readings of", "database", "readings", "entities", "unlike", "not whole", "held", "not understood")
HOUR = 3_600_000_000


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    given = parser.parse_args()
    report = Report("Every recorded reading against the census as of its time", COLUMNS)
    for name, category, under in FOLDERS:
        folder = Path(given.recorded) / under
        if not folder.is_dir():
            report.notes.append(f"{under}: left out, there are no recorded readings")
            continue
        for kind in kinds(given.database):
            with empty(kind, given.database) as database, open_census(Settings(database_url=database)) as census:
                row, notes = _prove(census, name, category, sorted(folder.glob("*.json.gz")))
            report.rows.append((under, kind, *row))
            report.notes += notes if kind == "sqlite" else []
            report.require(row[2] == 0)
    return report.show(as_json=given.json)


def _prove(census: Census, name: str, category: str, files: list[Path]) -> tuple[tuple[int, ...], list[str]]:
    source = census.sources[name]
    document = source.adapter.document(category)
    later = to_micros(utc_now()) - len(files) * HOUR
    entities = unlike = not_whole = held = 0
    for number, file in enumerate(files):
        # Some are named by who recorded them: any time will do, as long as it is one.
        moment = time_in_name(file.name) or later + number * HOUR
        for one in import_readings(census, source, file, category=category, at=moment):
            if one.error or one.sync is None:
                raise one.error or RuntimeError(f"{file.name} was there already")
            partly = one.sync.status in (SyncStatus.INCOMPLETE, SyncStatus.HELD)
            not_whole += one.sync.status is SyncStatus.INCOMPLETE
            held += one.sync.status is SyncStatus.HELD
        want = expected(document, document.split(gzip.decompress(file.read_bytes())))
        got = as_of(census.store, moment, name)
        entities += len(want)
        unlike += sum(got.get(key) != data for key, data in want.items())
        unlike += 0 if partly else len(got.keys() - want.keys())
    unlike += len(verify(census.store).problems)
    faults = browse.quarantine_list(census.store, source=name, limit=100_000)
    counted = Counter((each.fault, each.hint) for each in faults)
    notes = [f"{name}: {count} x {fault}: {hint}" for (fault, hint), count in counted.most_common()]
    return (len(files), entities, unlike, not_whole, held, len(faults)), notes


if __name__ == "__main__":
    sys.exit(main())
