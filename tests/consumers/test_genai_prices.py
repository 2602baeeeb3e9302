"""genai-prices' own updater, pointed at a served census."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from genai_prices import UpdatePrices, Usage, calc_price
from genai_prices.data_snapshot import set_custom_snapshot

from tests.consumers.prices import NAME, shop


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package with our prices, until the last test of this file."""
    folder: Path = tmp_path_factory.mktemp("genai")
    with shop(folder, entries=100) as address:
        snapshot = UpdatePrices(url=f"{address}/feeds/genai-prices.json").fetch()
    set_custom_snapshot(snapshot)
    yield
    set_custom_snapshot(None)


@pytest.mark.usefixtures("updated")
@pytest.mark.parametrize(("name", "provider"), [(NAME, "openai"), (f"openai/{NAME}", "openrouter")])
def test_a_use_is_counted_at_our_price_to_the_digit(name: str, provider: str) -> None:
    found = calc_price(Usage(input_tokens=1_000_000, output_tokens=1_000_000), name, provider_id=provider)
    assert (found.input_price, found.output_price) == (Decimal("0.123456789"), Decimal("3.21"))
    assert found.auto_update_timestamp is not None


@pytest.mark.usefixtures("updated")
def test_upstreams_rules_of_matching_find_our_price() -> None:
    found = calc_price(Usage(input_tokens=1_000_000), f"{NAME}-2026-03-01", provider_id="openai")
    assert found.total_price == Decimal("0.123456789")
