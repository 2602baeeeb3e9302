"""What is worth a mark in a list."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modelcensus.core.catalog.glance import Turn, came_lately, cut_since


def turns(*prices: tuple[int, str | None, str | None]) -> list[Turn]:
    """Prices of input and output at times."""
    return [Turn(at, *(None if each is None else Decimal(each) for each in pair)) for at, *pair in prices]


@pytest.mark.parametrize(
    ("prices", "cut"),
    [
        ([(0, "10", "20"), (50, "8", "20")], 20),
        ([(0, "10", "20"), (50, "8", "10")], 50),
        ([(0, "10", "20"), (50, "9.99", "20")], 1),
        ([(0, "10", "20"), (50, "0", "20")], 100),
        ([(0, "10", "20"), (5, "8", "20")], None),
        ([(0, "10", "20"), (50, "8", "21")], None),
        ([(0, "8", "20"), (50, "10", "20")], None),
        ([(0, "0", "20"), (50, "1", "10")], None),
        ([(40, "10", "20"), (50, "8", "20")], 20),
        ([(0, None, None), (50, "8", "20")], None),
        ([(0, "10", "20"), (50, None, None)], None),
        ([], None),
    ],
)
def test_a_cut_is_told_where_something_fell_lately_and_nothing_rose(
    prices: list[tuple[int, str | None, str | None]], cut: int | None
) -> None:
    assert cut_since(turns(*prices), since=10) == cut


@pytest.mark.parametrize(
    ("revision", "applied_at", "released", "new"),
    [
        (2, 100, None, True),
        (2, 99, "2026-06-05", False),
        (2, None, None, False),
        (1, 100, None, False),
        (1, 0, "2026-06-05", True),
        (1, 0, "2026-05-31", False),
        (1, 0, "2027-01-01", False),
        (1, 0, "2026-06", False),
        (0, None, 20260605, False),
    ],
)
def test_a_model_is_new_that_a_later_revision_brought_or_upstream_released_lately(
    revision: int, applied_at: int | None, released: object, *, new: bool
) -> None:
    found = came_lately(revision, applied_at, released, since=100, day="2026-06-01", today="2026-06-07")
    assert found is new
