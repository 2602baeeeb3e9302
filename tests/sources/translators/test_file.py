"""What people write in their own files, in the one schema."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core import canonical
from modelcensus.core.catalog.listing import (
    Listing,
    Modality,
    Prices,
    Rates,
    Snapshot,
    Stage,
    Tier,
    Untranslatable,
    Window,
)
from modelcensus.core.table import split
from modelcensus.sources.translators.file import TRANSLATOR
from tests.sources.translators.said import AIDS, listing, offering, snapshot, sound, spoilt_snapshots

WHOLE: dict[str, Any] = {
    "id": "house/one",
    "name": "One, ours",
    "lab": "house",
    "description": "For all.",
    "inputs": ["text", "pdf"],
    "outputs": "text",
    "context": 131072,
    "max_output": 8192,
    "capabilities": {"tool_calling": True, "caching": False},
    "price": {
        "input": "0.35", "output": 1.4, "request": "0.001",
        "tiers": [{"above": 64000, "input": "0.70"}],
        "windows": [{"daily_from": "16:30", "daily_until": "00:30", "input": "0.10", "output": "0.20"}],
    },
    "stage": "active",
    "released": "2026-01",
    "retires": "2027-01-01",
    "licence": "mit",
    "open_weights": True,
    "parameters": 70000000000,
    "links": {"docs": "https://house.test/one", "evil": "javascript:x"},
}  # fmt: skip
OPENROUTER: dict[str, Any] = {
    "id": "house/two",
    "name": "Two",
    "canonical_slug": "house/two-20260101",
    "hugging_face_id": "House/Two",
    "context_length": 32768,
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"], "modality": "text->text"},
    "pricing": {"prompt": "0.00000035", "completion": "4e-7", "image": "0.001", "request": "0"},
    "top_provider": {"max_completion_tokens": 4096},
    "supported_parameters": ["tools", "seed"],
    "created": 1767225600,
    "expiration_date": "2026-12-31",
}


def told(**said: Any) -> Listing:
    return listing(TRANSLATOR, snapshot({"id": "m", **said}, "m"))


def refusal(**said: Any) -> str:
    with pytest.raises(Untranslatable) as refused:
        told(**said)
    assert "docs/sources/file.md" in refused.value.hint
    return refused.value.reason


def from_table(text: str) -> Listing:
    (row,) = split(text.encode()).slices
    data = canonical.decode(bytes(row.raw))
    said = Snapshot(source="house", category="model", key=row.key, sha256="ab", observed_at=1, data=data)
    return listing(TRANSLATOR, said)


def test_our_own_paths_are_read() -> None:
    found = listing(TRANSLATOR, snapshot(WHOLE, "house/one"))
    assert (found.name, found.lab, found.description) == ("One, ours", "house", "For all.")
    assert (found.inputs, found.outputs, found.modality) == (("text", "file"), ("text",), Modality.TEXT)
    assert (found.context, found.max_output, found.parameters) == (131_072, 8192, 70_000_000_000)
    assert (found.released, found.retires, found.stage) == ("2026-01", "2027-01-01", Stage.ACTIVE)
    assert (found.licence, found.open_weights, found.links) == ("mit", True, {"docs": "https://house.test/one"})
    assert (found.capabilities["tool_calling"], found.capabilities["caching"]) == (True, False)


def test_our_own_prices_are_usd_per_million_tokens_or_for_one() -> None:
    assert listing(TRANSLATOR, snapshot(WHOLE, "house/one")).prices == Prices(
        base=Rates(input=Decimal("0.35"), output=Decimal("1.4"), request=Decimal("0.001")),
        tiers=(Tier(above=64_000, rates=Rates(input=Decimal("0.7"))),),
        windows=(
            Window(
                rates=Rates(input=Decimal("0.1"), output=Decimal("0.2")), daily_from="16:30", daily_until="00:30"
            ),
        ),
    )  # fmt: skip


def test_names_with_dots_are_the_same_as_nesting() -> None:
    flat = told(**{"price.input": 3, "capabilities.vision": True})
    assert flat == told(price={"input": 3}, capabilities={"vision": True})
    assert (flat.prices.base.input, flat.capabilities) == (Decimal(3), {"vision": True})


def test_a_row_of_a_table_is_read() -> None:
    found = from_table("id,name,context,price.input,price.output,vision,released\nhouse/x,4.1,8192,0.35,,TRUE,2026\n")
    assert (found.name, found.context, found.released) == ("4.1", 8192, "2026")
    assert found.prices == Prices(base=Rates(input=Decimal("0.35")))
    assert found.capabilities["vision"] is True


def test_openrouters_names_are_read_with_prices_per_token() -> None:
    found = listing(TRANSLATOR, snapshot(OPENROUTER, "house/two"))
    assert found.prices == Prices(base=Rates(input=Decimal("0.35"), output=Decimal("0.4"), image=Decimal("0.001")))
    assert (found.context, found.max_output, found.canonical) == (32_768, 4096, "house/two-20260101")
    assert (found.released, found.retires, found.modality) == ("2026-01-01", "2026-12-31", Modality.MULTIMODAL)
    assert (found.capabilities["tool_calling"], found.capabilities["seed"]) == (True, True)


def test_names_of_openrouter_with_dots_are_read_too() -> None:
    assert told(**{"pricing.prompt": "0.000001"}).prices.base.input == 1


def test_our_own_field_counts_before_openrouters() -> None:
    found = told(context=1000, context_length=2000, price={"input": 1}, pricing={"prompt": "0.5", "completion": "0.5"})
    assert (found.context, found.prices) == (1000, Prices(base=Rates(input=Decimal(1))))


def test_a_price_that_varies_is_no_number() -> None:
    assert told(pricing={"prompt": "-1", "completion": "-1"}).prices == Prices(variable=True)


def test_what_is_priced_is_offered_by_the_provider_it_names_or_the_source_itself() -> None:
    assert offering(TRANSLATOR, snapshot({"id": "m", "price": {"input": 1}}, "m")).provider == "here"
    assert offering(TRANSLATOR, snapshot({"id": "m", "provider": "us", "price": {"input": 1}}, "m")).provider == "us"


def test_what_has_no_price_is_a_listing_without_an_offering() -> None:
    found = TRANSLATOR.translate(snapshot({"id": "m"}, "m"), AIDS)
    assert found.listing is not None
    assert found.listing.prices == Prices()
    assert found.offerings == ()


def test_free_is_what_is_said_to_cost_nothing() -> None:
    assert told(price={"input": 0, "output": "0"}).prices == Prices(base=Rates(input=Decimal(0), output=Decimal(0)))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"price": {"input": "cheap"}}, "price.input: no decimal number: 'cheap'"),
        ({"price": {"output": -3}}, "price.output = -3 is below 0"),
        ({"price": 3}, "price is no object of prices"),
        ({"price": {"tiers": [{"input": 1}]}}, "price.tiers[0] does not say above how many tokens"),
        ({"price": {"tiers": {"above": 5}}}, "price.tiers is not a list of objects"),
        ({"price": {"tiers": [{"above": 5}]}}, "price.tiers[0] has no price"),
        ({"price": {"windows": [{"input": 1}]}}, "price.windows[0] does not say when or where it holds"),
        (
            {"price": {"windows": [{"daily_from": "25:00", "input": 1}]}},
            "price.windows[0] does not say when or where it holds",
        ),
        ({"pricing": {"prompt": "1,5"}}, "pricing.prompt: no decimal number: '1,5'"),
        ({"context": 0}, "context = '0' is not a whole number above 0"),
        ({"context": "128k"}, "context = '128k' is not a whole number above 0"),
        ({"released": "soon"}, "released = 'soon' is not a day such as 2026-03-01"),
        ({"stage": "old"}, "stage = 'old' is not active, deprecated or retired"),
        ({"open_weights": "yes"}, "open_weights = 'yes' is not true or false"),
        ({"capabilities": {"vision": "yes"}}, "capabilities.vision = 'yes' is not true or false"),
        ({"name": ["x"]}, "name = \"['x']\" is not a text"),
        (
            {"inputs": "text+smell"},
            "inputs = 'text+smell' is not a list of text, image, video, audio, file, embedding, rerank",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_name(said: dict[str, Any], reason: str) -> None:
    assert refusal(**said) == reason


def test_what_is_wrong_in_a_column_of_no_meaning_is_nobodys_business() -> None:
    assert told(notes=["anything"], price_group="B").prices == Prices()


@pytest.mark.parametrize("data", [WHOLE, OPENROUTER])
def test_nothing_that_is_sent_breaks_it(data: dict[str, Any]) -> None:
    for each in spoilt_snapshots(data, "m"):
        # A price that cannot be right is refused; whatever else happens here is an error.
        with suppress(Untranslatable):
            sound(TRANSLATOR.translate(each, AIDS))
