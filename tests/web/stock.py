"""A catalog to search and sort: three revisions of late, prices that moved, a held step, names that mean harm."""

from __future__ import annotations

from typing import Any

from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from tests.api.shop import sold
from tests.builders import openrouter, read

DAY = 86_400_000_000
RIGHT_TO_LEFT = "\u202eevil"
HOSTILE = f"<script>alert(1)</script>{RIGHT_TO_LEFT}"
LONG = "x" * 10_000


def fill(census: Census, plenty: int = 105) -> None:
    """Read and publish twenty days ago and two days ago, and find something to hold back today."""
    many = [sold(f"many/m{number:03}", f"0.0000{number + 10:02}") for number in range(plenty)]
    steady = sold("lab/steady", "0.000003", created=1_700_000_000)
    hidden = {"name": HOSTILE, "description": HOSTILE}
    rude = [sold("rude/script", "0.000001") | hidden, sold("rude/long", "0.000001") | {"name": LONG}]
    sum_ = sold("rude/sum", "0.000001") | {"name": "=SUM(A1)"}
    now = census.clock()
    _published(census, [steady, sold("lab/falling", "0.00001"), *rude, sum_, *many], 0, now - 20 * DAY)
    fresh = sold("lab/fresh", "0.000005", 1_000_000, supported_parameters=["tools"])
    rest = [sold("lab/falling", "0.000008"), *rude, sum_, *many]
    _published(census, [steady, fresh, *rest], 24, now - 2 * DAY)
    # A thousand times the price is held back, and nothing else moves.
    _published(census, [sold("lab/steady", "0.003", created=1_700_000_000), fresh, *rest], 48, now)


def _published(census: Census, models: list[dict[str, Any]], hours: float, now: int) -> None:
    read(census, openrouter(*models), hours)
    update(census, now=now)
