"""How long questions to the past take among all versions, in a warm process."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from bench.databases import empty, kinds
from bench.measure import median_ms
from bench.readings import readings
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.operations import browse
from modelcensus.operations.diff import diff
from modelcensus.operations.replay import import_readings
from modelcensus.settings import Settings
from modelcensus.store.engine import Store
from modelcensus.wiring import open_census

TARGETS = {"as of": 10.0, "history of one model": 2.0}
WEEK = 7 * 86_400_000_000


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--times", type=int, default=100, help="questions of each kind (default: %(default)s)")
    given = parser.parse_args()
    report = Report(
        "Questions to the past", ("question", "database", "median ms", "target ms", "rows in the median"), passed=True
    )
    with readings("openrouter", Path(given.recorded)) as found:
        report.notes.append(found.note)
        for kind in kinds(given.database):
            with empty(kind, given.database) as database, open_census(Settings(database_url=database)) as census:
                for one in import_readings(census, census.sources["openrouter"], found.folder):
                    if one.error:
                        raise one.error
                for question, median, rows in _ask(census.store, given.times):
                    target = TARGETS.get(question) if kind == "sqlite" else None
                    report.rows.append((question, kind, median, target, rows))
                    report.require(target is None or median <= target)
    return report.show(as_json=given.json)


def _ask(store: Store, times: int) -> list[tuple[str, float, int]]:
    chance = random.Random(7)
    log = browse.syncs(store, limit=100_000)
    first, last = log[-1].observed_at, log[0].observed_at
    keys = [version.key for version in browse.as_of(store, last)]
    counts: list[int] = []

    def moment() -> int:
        return chance.randint(first, last)

    def week() -> list[object]:
        since = moment()
        return list(browse.changes(store, since=since, until=since + WEEK))

    questions = {
        "as of": lambda: list(browse.as_of(store, moment())),
        "as of, one source": lambda: list(browse.as_of(store, moment(), source="openrouter")),
        "history of one model": lambda: browse.history(store, chance.choice(keys)),
        "field history of one model": lambda: browse.field_history(store, chance.choice(keys), "pricing.prompt"),
        "changes of a week": week,
        "diff of two times": lambda: list(diff(store, *sorted((moment(), moment())))),
    }
    answers = []
    for name, ask in questions.items():
        counts.clear()
        median = median_ms(lambda ask=ask: counts.append(len(ask())), times)  # type: ignore[misc]  # bound at once
        answers.append((name, median, sorted(counts)[len(counts) // 2]))
    return answers


if __name__ == "__main__":
    sys.exit(main())
