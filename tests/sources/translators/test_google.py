"""What Google's listing of Gemini API models says, in the one schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from modelcensus.core import native
from modelcensus.core.catalog.listing import Listing, Modality
from modelcensus.core.native import Facts, Origin
from modelcensus.sources.google import ADAPTER
from modelcensus.sources.translators.contract import Aids
from modelcensus.sources.translators.google import TRANSLATOR
from tests.sources.translators.said import AIDS, listing, recorded, snapshot, sound, spoilt_snapshots

KEY = "models/example-flash"
WHOLE: dict[str, Any] = {
    "name": KEY,
    "baseModelId": "example-flash",
    "version": "001",
    "displayName": "Example Flash",
    "description": "Quick.",
    "inputTokenLimit": 1048576,
    "outputTokenLimit": 8192,
    "supportedGenerationMethods": ["generateContent", "createCachedContent", "batchGenerateContent"],
    "maxTemperature": 2,
    "thinking": True,
}


def told(key: str = KEY, **said: Any) -> Listing:
    return listing(TRANSLATOR, snapshot({**WHOLE, "name": key, **said}, key))


def test_the_listing_names_what_may_go_in_and_come_out_and_not_the_window() -> None:
    found = told()
    assert (found.name, found.description, found.canonical) == ("Example Flash", "Quick.", "example-flash")
    assert (found.context, found.max_input, found.max_output) == (None, 1_048_576, 8192)
    assert (found.provider, found.lab, found.key) == ("google", "google", KEY)


def test_methods_and_flags_prove_capabilities() -> None:
    assert told().capabilities == {"caching": True, "batch": True, "reasoning": True, "temperature": True}


def test_a_method_that_is_not_listed_proves_nothing() -> None:
    assert told(supportedGenerationMethods=["generateContent"], thinking=False, maxTemperature=None).capabilities == {
        "reasoning": False
    }


def test_a_model_that_only_embeds_is_an_embedding_model() -> None:
    found = told(supportedGenerationMethods=["embedContent", "countTokens"])
    assert (found.outputs, found.modality) == (("embedding",), Modality.EMBEDDING)


def test_a_model_that_writes_too_is_no_embedding_model() -> None:
    assert told(supportedGenerationMethods=["embedContent", "generateContent"]).outputs == ()


def test_what_a_model_that_generates_gives_is_not_said() -> None:
    assert (told().outputs, told().modality) == ((), None)


def test_facts_and_rules_know_it_without_the_beginning_of_its_resource_name() -> None:
    facts = Facts(
        ids=("example-flash",), source="https://lab.test/p", checked=date(2026, 1, 1), context=5,
        origin=Origin(file="f.toml", number=1), reads=("text", "image", "audio", "video", "pdf"), answers=("text",),
        rates=native.Rates(input=Decimal("0.30"), output=Decimal("2.50"), input_audio=Decimal("1.00")),
    )  # fmt: skip
    aids = Aids(facts={"google": (facts,)}, today=date(2026, 6, 15))
    found = TRANSLATOR.translate(snapshot(WHOLE, KEY), aids)
    assert found.listing is not None
    assert found.listing.prices.base.audio_input == 1
    assert found.listing.inputs == ("text", "image", "video", "audio", "file")
    # The listing's limit of what may be sent says the window too.
    assert (found.listing.context, found.listing.max_input) == (None, 1_048_576)
    assert [each.model_key for each in found.offerings] == [KEY]


def test_nothing_that_is_sent_breaks_it() -> None:
    for each in spoilt_snapshots(WHOLE, KEY):
        sound(TRANSLATOR.translate(each, AIDS))


def test_every_recorded_model_is_translated() -> None:
    found = [listing(TRANSLATOR, each) for each in recorded("google/models", ADAPTER.documents[0], "google")]
    assert len(found) >= 99
    assert all(each.name and each.max_input for each in found)
