"""The recorded histories of four catalogs together: what would have been published, held, refused; and rebuilt."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.databases import empty, kinds
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.core.catalog.model import Plan
from modelcensus.core.times import time_in_name
from modelcensus.operations.catalog import browsing, catalog
from modelcensus.operations.catalog.rebuilding import rebuild
from modelcensus.operations.census import Census
from modelcensus.operations.replay import import_readings
from modelcensus.settings import Settings
from modelcensus.store.catalog import listings
from modelcensus.wiring import open_census

FOLDERS = {
    "openrouter": "openrouter/models",
    "modelsdev": "modelsdev/api",
    "litellm": "litellm/cost-map",
    "genai-prices": "genai-prices/data",
}
COLUMNS = (
    "database", "readings", "revisions", "models", "price changes", "held", "held %", "rebuilt", "unlike", "seconds",
)  # fmt: skip
MOST_HELD = 1.0
MINUTE = 60_000_000


class Past:
    """The price changes that plans proposed on published models: how many went through, and which a guard held.

    A price that nobody says any more is no other price, and is not counted.
    """

    def __init__(self) -> None:
        self.through = 0
        self.held: dict[tuple[str, str, str, str], str] = {}

    @property
    def changes(self) -> int:
        """All of them."""
        return self.through + len(self.held)

    def add(self, plan: Plan) -> None:
        """The price changes of one plan; one that is held comes again with each plan, and counts once."""
        for step in plan.steps:
            for change in step.changes:
                both = change.before is not msgspec.UNSET and change.after is not msgspec.UNSET
                if step.kind == "updated" and change.path.startswith("price.") and both:
                    what = (step.model_id, change.path, str(change.before), str(change.after))
                    if change.hold:
                        self.held[what] = change.hold.guard
                    else:
                        self.through += 1


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--last", type=int, help="only so many of the latest readings")
    parser.add_argument("--source", choices=sorted(FOLDERS), help="only the readings of this catalog")
    parser.add_argument("--rebuild", type=int, default=20, help="revisions to rebuild (default: %(default)s)")
    given = parser.parse_args()
    readings = _readings(Path(given.recorded), given.source)[-(given.last or 10_000) :]
    report = Report("Four catalogs through time", COLUMNS, passed=bool(readings))
    for kind in kinds(given.database):
        with empty(kind, given.database) as database, open_census(Settings(database_url=database)) as census:
            began = time.monotonic()
            past = Past()
            revisions, last = _play(census, readings, past)
            rebuilt, unlike = _rebuild(census, revisions, given.rebuild)
            models = len(browsing.entries(census.store, now=census.clock(), archived=True))
            share = 100 * len(past.held) / max(past.changes, 1)
            row = (kind, len(readings), revisions, models, past.changes, len(past.held), share, rebuilt, unlike)
            report.rows.append((*row, time.monotonic() - began))
            report.require(unlike == 0 and share < MOST_HELD)
            if kind == "sqlite":
                report.notes += _notes(census, past, last)
    return report.show(as_json=given.json)


def _readings(recorded: Path, only: str | None) -> list[tuple[int, str, Path]]:
    found = []
    for source, under in FOLDERS.items():
        if only not in (None, source):
            continue
        for file in (recorded / under).glob("*.json.gz"):
            moment = time_in_name(file.name)
            if moment is not None:
                found.append((moment, source, file))
    return sorted(found)


def _play(census: Census, readings: list[tuple[int, str, Path]], past: Past) -> tuple[int, catalog.Updated | None]:
    """Each reading imported at its time, and the catalog updated a minute later: (revisions, the last update)."""
    revisions, last = 0, None
    for moment, source, file in readings:
        (one,) = import_readings(census, census.sources[source], file, category="model")
        if one.error:
            raise one.error
        then = datetime.fromtimestamp((moment + MINUTE) / 1_000_000, UTC)
        last = catalog.update(msgspec.structs.replace(census, now=lambda then=then: then), now=moment + MINUTE)
        past.add(last.plan)
        revisions += last.revision is not None
    return revisions, last


def _rebuild(census: Census, revisions: int, count: int) -> tuple[int, int]:
    found = list(rebuild(census, first=max(revisions - count + 1, 1)))
    return len(found), sum(not (each.same_plan and each.same_catalog) for each in found)


def _notes(census: Census, past: Past, last: catalog.Updated | None) -> list[str]:
    notes = []
    if last:
        refreshed = last.refreshed
        notes.append(f"at the end: {refreshed.linked:,} names linked, {refreshed.unmatched:,} wait for a person")
    with census.store.reading() as tx:
        refused = Counter((each.source, each.reason) for each in listings.refused(tx, limit=100_000))
    notes += [f"not translated: {source}: {count} x {reason}" for (source, reason), count in refused.most_common()]
    for (model_id, path, before, after), guard in sorted(past.held.items()):
        notes.append(f"held by {guard}: {model_id} {path} {before[:60]} -> {after[:60]}")
    return notes


if __name__ == "__main__":
    sys.exit(main())
