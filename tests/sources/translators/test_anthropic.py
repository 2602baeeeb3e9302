"""What Anthropic's listing says, in the one schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core import native
from modelcensus.core.catalog.listing import Listing, Modality, Stage
from modelcensus.core.native import Facts, Origin
from modelcensus.sources.anthropic import ADAPTER
from modelcensus.sources.translators.anthropic import TRANSLATOR
from modelcensus.sources.translators.contract import Aids
from tests.sources.translators.said import AIDS, listing, recorded, snapshot, sound, spoilt_snapshots

YES, NO = {"supported": True}, {"supported": False}
WHOLE: dict[str, Any] = {
    "type": "model",
    "id": "claude-example-5-20260101",
    "display_name": "Claude Example 5",
    "created_at": "2026-01-01T00:00:00Z",
    "lifecycle": "deprecated",
    "deprecated_at": "2026-05-01T00:00:00Z",
    "retires_at": "2026-11-01T00:00:00Z",
    "max_input_tokens": 200000,
    "max_tokens": 64000,
    "capabilities": {
        "batch": YES, "image_input": YES, "pdf_input": YES, "structured_outputs": NO,
        "thinking": {"supported": True, "types": {"enabled": YES}},
        "server_tools": {"supported": True, "web_search": YES}, "effort": {"supported": True, "max": NO},
    },
}  # fmt: skip
PRICED = Facts(
    ids=("claude-example-5-*",), source="https://lab.test/p", checked=date(2026, 1, 1), max_input=1, context=999,
    origin=Origin(file="f.toml", number=1), successor="claude-example-6", reads=("text", "audio"),
    rates=native.Rates(
        input=Decimal("3.00"), output=Decimal("15.00"), cached_input=Decimal("0.30"), cache_write=Decimal("3.75"),
        cache_write_1h=Decimal("6.00"), batch_input=Decimal("1.50"), batch_output=Decimal("7.50"),
    ),
)  # fmt: skip


def told(*facts: Facts, **said: Any) -> Listing:
    known = Aids(facts={"anthropic": facts}, today=date(2026, 6, 15))
    found = TRANSLATOR.translate(snapshot({**WHOLE, **said}, WHOLE["id"]), known).listing
    assert found is not None
    return found


def test_the_listing_names_dates_limits_and_stage() -> None:
    found = told()
    assert (found.name, found.provider, found.lab) == ("Claude Example 5", "anthropic", "anthropic")
    assert (found.released, found.deprecated, found.retires) == ("2026-01-01", "2026-05-01", "2026-11-01")
    assert (found.stage, found.max_input, found.max_output) == (Stage.DEPRECATED, 200_000, 64_000)


def test_its_capabilities_say_what_it_takes_and_can() -> None:
    found = told()
    assert (found.inputs, found.outputs, found.modality) == (("text", "image", "file"), ("text",), Modality.MULTIMODAL)
    assert found.capabilities == {
        "vision": True, "file_input": True, "structured_output": False, "reasoning": True, "batch": True,
        "web_search": True, "audio_input": False, "video_input": False, "audio_output": False, "image_output": False,
    }  # fmt: skip


@pytest.mark.parametrize("said", [None, {}, [], "all"])
def test_without_capabilities_nothing_is_said_of_them(said: Any) -> None:
    found = told(capabilities=said)
    assert (found.inputs, found.outputs, found.capabilities, found.modality) == ((), (), {}, None)


def test_the_listing_counts_before_the_facts_and_they_for_what_it_leaves_out() -> None:
    found = told(PRICED)
    assert (found.max_input, found.context, found.inputs) == (200_000, None, ("text", "image", "file"))
    assert found.successor == "claude-example-6"


def test_prices_of_the_cache_and_of_batches_come_from_the_facts() -> None:
    assert {name: str(price) for name, price in told(PRICED).prices.base.known()} == {
        "input": "3", "output": "15", "cache_read": "0.3", "cache_write": "3.75", "cache_write_1h": "6",
        "batch_input": "1.5", "batch_output": "7.5",
    }  # fmt: skip


def test_a_model_of_unknown_age_has_no_day_of_release() -> None:
    assert told(created_at="1970-01-01T00:00:00Z").released is None


def test_a_retired_model_is_retired_whatever_its_days_say() -> None:
    assert told(lifecycle="retired", retires_at="2030-01-01T00:00:00Z").stage is Stage.RETIRED


def test_nothing_that_is_sent_breaks_it() -> None:
    for each in spoilt_snapshots(WHOLE, WHOLE["id"]):
        sound(TRANSLATOR.translate(each, AIDS))


def test_every_recorded_model_is_translated() -> None:
    found = [listing(TRANSLATOR, each) for each in recorded("anthropic/models", ADAPTER.documents[0], "anthropic")]
    assert len(found) >= 18
    assert all(each.name and each.released for each in found)
