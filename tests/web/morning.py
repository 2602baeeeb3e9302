"""A census whose catalog has news of the last days: what is new, cheaper, dearer, larger, gone and back."""

from __future__ import annotations

from typing import Any

from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from modelcensus.wiring import utc_now
from tests.builders import START, model, openrouter, read

HOURS = (utc_now() - START).total_seconds() / 3600
"""Now, as hours after the start of every test."""


def sold(key: str, inside: str = "0.000001", outside: str = "0.000002", **fields: Any) -> dict[str, Any]:
    """One model of OpenRouter, at dollars per token."""
    shape = {"input_modalities": ["text"], "output_modalities": ["text"]}
    found = model(key, context_length=fields.pop("context", 128_000), architecture=shape, **fields)
    return found | {"pricing": {"prompt": inside, "completion": outside}}


def published(census: Census, *models: dict[str, Any], ago: float) -> None:
    """Read these so many hours ago, and publish what nothing holds."""
    read(census, openrouter(*models), HOURS - ago)
    update(census, now=int((START.timestamp() + (HOURS - ago) * 3600) * 1_000_000))


def three_days(census: Census) -> None:
    """Three readings, each published; the last one an hour ago."""
    fancy, small = sold("lab/fancy", "0.000002", "0.0000064"), sold("other/small", "0.0000011")
    plenty = [sold(f"lab/m{number}") for number in range(8)]
    before = (sold("lab/fancy", "0.000002", "0.000008"), sold("other/small"))
    published(census, sold("lab/steady"), *before, *plenty, ago=240)
    published(census, sold("lab/steady"), fancy, small, *plenty, ago=49)
    fresh = sold("other/fresh", "0.000003", "0.000009")
    published(census, sold("lab/steady", context=256_000), fancy, small, fresh, *plenty, ago=1)
