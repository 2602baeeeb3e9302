from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from modelcensus.cli.catalog import bill
from modelcensus.cli.output import Out
from modelcensus.core.catalog.cost import Usage, cost
from modelcensus.core.catalog.listing import Prices, Rates, Tier, Window
from tests.cli.catalog.invented import EVIL, MARCH, origin

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = Rates(input=Decimal("3"), output=Decimal("15"), cache_read=Decimal("0.3"))


def screen(capsys: pytest.CaptureFixture[str], prices: Prices, usage: Usage, *, key: str = "lab/one") -> str:
    origins = {name: origin(key=key) for name in ("input", "output", "cache_read", "tiers", "windows")}
    bill.bill(Out(), cost(prices, usage, AT), model_id=key, at=MARCH, origins=origins, basis="revision 12")
    return capsys.readouterr().out


def row(text: str, begins: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.startswith(begins))


def test_a_bill_is_told_line_by_line_to_the_last_digit(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, Prices(base=BASE), Usage(input=12000, output=800, cached=4001))
    assert row(text, "input") == ["input", "7,999", "3.00", "million", "0.023997"]
    assert row(text, "cached input") == ["cached", "input", "4,001", "0.30", "million", "0.0012003"]
    assert row(text, "output") == ["output", "800", "15.00", "million", "0.012"]
    assert row(text, "total") == ["total", "USD", "0.0371973"]


def test_an_unknown_price_makes_the_total_unknown_and_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, Prices(base=Rates(input=Decimal(3))), Usage(input=1000, output=10))
    assert row(text, "output")[2] == "unknown"
    assert row(text, "total")[1:] == ["unknown:", "at", "least", "USD", "0.003"]
    assert row(text, "not known") == ["not", "known", "output"]


def test_the_tier_that_was_reached_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    tiers = (Tier(above=200000, rates=Rates(input=Decimal(6))),)
    text = screen(capsys, Prices(base=BASE, tiers=tiers), Usage(input=200001))
    assert "prompts above 200,000 tokens: it rates the whole request" in text


def test_the_window_that_holds_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    windows = (Window(rates=BASE, starts="2026-02-01", daily_from="10:00", daily_until="14:00"),)
    text = screen(capsys, Prices(windows=windows), Usage(input=1))
    assert "those of a window: from 2026-02-01 to further notice, daily 10:00 to 14:00 UTC" in text


def test_the_source_and_snapshot_of_the_prices_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, Prices(base=BASE), Usage(input=1, output=1))
    assert row(text, "source") == ["source", "openrouter", "lab/one:", "input,", "output"]
    assert row(text, "snapshot") == ["snapshot", "abababababab,", "said", "2026-03-01T12:00:00Z"]
    assert row(text, "as of") == ["as", "of", "revision", "12"]


def test_hostile_text_in_a_bill_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, Prices(windows=(Window(rates=BASE, region=None),)), Usage(input=1), key=EVIL)
    assert not set("\x1b\u202e") & set(text)
