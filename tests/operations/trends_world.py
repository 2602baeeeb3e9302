"""Small censuses with a history of months: prices that move, models that come and go, downloads that rise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from modelcensus.core.catalog.model import Status
from modelcensus.core.times import to_micros
from modelcensus.operations.census import Census
from modelcensus.settings import Settings
from modelcensus.wiring import open_census
from tests.builders import QUICK, START, as_json, imported, model, openrouter
from tests.operations.catalog_world import applied, merged, published

DAY = 24.0


@contextmanager
def census_on(url: str, *, days: float) -> Iterator[Census]:
    """A census whose clock stands so many days after ``START``, 1 January 2026."""
    with open_census(Settings(database_url=url, http=QUICK), now=lambda: START + timedelta(days=days)) as census:
        yield census


def hub(census: Census, day: float, **downloads: int) -> None:
    """One reading of Hugging Face; a tenth of the downloads are likes."""
    listed = [
        {"id": key.replace("__", "/"), "downloads": count, "likes": count // 10} for key, count in downloads.items()
    ]
    found = imported(census, as_json(listed), day * DAY, source="huggingface")
    assert found.error is None


def at_day(days: float) -> int:
    return to_micros(START + timedelta(days=days))


def a_listing(*models: tuple[str, str]) -> bytes:
    return openrouter(*(model(key, price=price) for key, price in models))


@contextmanager
def quarter(url: str) -> Iterator[Census]:
    """A price halves before the first revision, which is of 10 February; it falls again after it, and lab/b goes.

    It is 10 April. lab/late came with the revision of 28 February.
    """
    with census_on(url, days=99) as opened:
        imported(opened, a_listing(("lab/a", "0.000008"), ("lab/b", "0.000008")), -20 * DAY)
        imported(opened, a_listing(("lab/a", "0.000004"), ("lab/b", "0.000004")), 0)
        said: dict[str, Any] = {"provider": "lab", "price.output": "2", "capabilities.vision": True}
        a, b, late = (
            merged(f"lab/{name}", price=price, **said) for name, price in (("a", "1"), ("b", "4"), ("late", "50"))
        )
        applied(opened.store, merged("lab/a", price="4", **said), b, now=at_day(40))
        applied(opened.store, a, b, late, now=at_day(58))
        applied(opened.store, a, late, gone=["lab/b"], now=at_day(80))
        assert published(opened.store)["lab/b"].status is Status.ARCHIVED
        yield opened
