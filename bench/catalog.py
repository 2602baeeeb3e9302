"""The catalog of 10,000 models and 60,000 offerings: translate, link, plan, apply, and plan again with nothing new."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bench.databases import empty, kinds
from bench.readings import model
from bench.report import DATABASE_HELP, Report, arguments
from modelcensus.operations.catalog import applying, catalog
from modelcensus.operations.catalog.translating import translate
from modelcensus.operations.census import Census
from modelcensus.operations.replay import import_readings
from modelcensus.settings import Settings
from modelcensus.store.catalog import listings, models
from modelcensus.wiring import open_census

T = TypeVar("T")
TARGETS = {"plan, all new": 2.0, "apply": 5.0}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--models", type=int, default=10_000, help="default: %(default)s")
    parser.add_argument("--offers", type=int, default=6, help="offerings of each (default: %(default)s)")
    given = parser.parse_args()
    report = Report("The catalog", ("what", "database", "seconds", "times reading the rows", "target, s"), passed=True)
    for kind in kinds(given.database):
        with empty(kind, given.database) as database, open_census(Settings(database_url=database)) as census:
            _import(census, given.models, given.offers)
            floor = _measure(census, kind, report)
            report.notes.append(f"{kind}: reading the rows of listings, offerings and models takes {floor:.2f} s")
    return report.show(as_json=given.json)


def _import(census: Census, count: int, offers: int) -> None:
    keys = [f"lab{number % 50}/model-{number // 50}-{number % 50}b" for number in range(count)]
    listed = [model(key, number + 1) for number, key in enumerate(keys)]
    offered = [
        {"id": key, "endpoints": [_endpoint(key, number, offer) for offer in range(offers)]}
        for number, key in enumerate(keys)
    ]
    with TemporaryDirectory() as folder:
        for category, body in (("model", {"data": listed}), ("endpoint", {"models": offered})):
            path = Path(folder) / "20260101T000000Z.json"
            path.write_text(json.dumps(body))
            for one in import_readings(census, census.sources["openrouter"], path, category=category):
                if one.error:
                    raise one.error


def _endpoint(key: str, number: int, offer: int) -> dict[str, object]:
    price = f"0.{number % 90_000 + offer + 1:08d}"
    return {
        "name": f"Provider {offer} | {key}", "model_id": key, "provider_name": f"Provider {offer}", "tag": f"p{offer}",
        "context_length": 131_072, "pricing": {"prompt": price, "completion": price}, "quantization": "fp8",
    }  # fmt: skip


def _measure(census: Census, kind: str, report: Report) -> float:
    """Each verb once, as the first sync and the one after it would; the cost of reading the same rows."""
    found: list[tuple[str, float]] = []

    def timed(what: str, act: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = act()
        found.append((what, time.perf_counter() - began))
        return result

    now = census.clock()
    timed("translate, all new", lambda: translate(census))
    timed("link, all new", lambda: catalog.refresh(census, now=now))
    plan = timed("plan, all new", lambda: catalog.computed_plan(census.store, census.catalog))
    applying.propose(census.store, plan, "bench", now)
    timed("apply", lambda: applying.apply(census.store, plan.digest, "bench", now, released=_all(plan)))
    timed("translate, nothing new", lambda: translate(census))
    timed("link again", lambda: catalog.refresh(census, now=now))
    again = timed("plan again, nothing new", lambda: catalog.computed_plan(census.store, census.catalog))
    report.require(not again.steps)
    floor = min(_rows(census) for _ in range(3))
    for what, seconds in found:
        target = TARGETS.get(what)
        report.rows.append((what, kind, seconds, seconds / floor, target))
        report.require(target is None or seconds <= target)
    return floor


def _all(plan: object) -> dict[str, str]:
    from modelcensus.core.catalog.model import Plan
    from modelcensus.core.catalog.planning import held

    assert isinstance(plan, Plan)
    return {name: "bench" for name, _ in held(plan)}


def _rows(census: Census) -> float:
    began = time.perf_counter()
    with census.store.reading() as tx:
        read = sum(1 for _ in listings.listings(tx)) + sum(1 for _ in listings.offerings(tx))
        assert read + len(models.published(tx))
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
