"""What the Hugging Face Hub says of models, in the one schema."""

from __future__ import annotations

from typing import Any

import pytest

from modelcensus.core.catalog.listing import Listing, Modality, Prices, Stage
from modelcensus.sources.huggingface import ADAPTER
from modelcensus.sources.translators.huggingface import TRANSLATOR
from tests.sources.translators.said import AIDS, listing, recorded, snapshot, sound, spoilt_snapshots

KEY = "example-lab/Tiny-1B-Instruct"
WHOLE: dict[str, Any] = {
    "_id": "65a1",
    "id": KEY,
    "author": "example-lab",
    "createdAt": "2025-02-02T10:11:12.000Z",
    "pipeline_tag": "text-generation",
    "tags": ["transformers", "license:apache-2.0", "arxiv:2502.1/../x", "arxiv:2501.01234", "region:us"],
    "safetensors": {"parameters": {"BF16": 70553706496}, "total": 70553706496},
    "inferenceProviderMapping": [
        {"provider": "provider-a", "providerId": "tiny-1b", "status": "live", "task": "conversational"},
        {"provider": "provider-b", "providerId": "tiny", "status": "staging", "task": "conversational"},
    ],
}


def told(key: str = KEY, **said: Any) -> Listing:
    return listing(TRANSLATOR, snapshot({**WHOLE, "id": key, **said}, key))


def served(mapping: object) -> list[tuple[str, str | None, Stage]]:
    found = TRANSLATOR.translate(snapshot({**WHOLE, "inferenceProviderMapping": mapping}, KEY), AIDS)
    return [(each.provider, each.name, each.stage) for each in found.offerings]


def test_a_repository_is_a_model_with_open_weights_of_its_author() -> None:
    found = told()
    assert (found.name, found.lab, found.hugging_face_id) == ("Tiny-1B-Instruct", "example-lab", KEY)
    assert (found.open_weights, found.parameters, found.licence) == (True, 70_553_706_496, "apache-2.0")
    assert (found.released, found.provider) == ("2025-02-02", None)


def test_it_links_to_its_page_and_its_first_paper() -> None:
    assert told().links == {
        "hugging_face": "https://huggingface.co/example-lab/Tiny-1B-Instruct",
        "paper": "https://arxiv.org/abs/2501.01234",
    }


def test_a_key_with_odd_characters_makes_a_proper_link() -> None:
    assert told("a b/c?d#e").links["hugging_face"] == "https://huggingface.co/a%20b/c%3Fd%23e"


def test_without_an_author_the_key_says_who_made_it_if_it_can() -> None:
    assert [told(key, author=None).lab for key in ("lab/one", "gpt2")] == ["lab", None]


@pytest.mark.parametrize(
    ("task", "inputs", "outputs", "modality"),
    [
        ("text-generation", ("text",), ("text",), Modality.TEXT),
        ("image-text-to-text", ("text", "image"), ("text",), Modality.MULTIMODAL),
        ("automatic-speech-recognition", ("audio",), ("text",), Modality.MULTIMODAL),
        ("text-to-image", ("text",), ("image",), Modality.IMAGE),
        ("text-to-speech", ("text",), ("audio",), Modality.AUDIO),
        ("image-to-video", ("image",), ("video",), Modality.VIDEO),
        ("feature-extraction", ("text",), ("embedding",), Modality.EMBEDDING),
        ("object-detection", (), (), None),
        (None, (), (), None),
    ],
)
def test_the_task_says_what_goes_in_and_comes_out(
    task: str | None, inputs: tuple[str, ...], outputs: tuple[str, ...], modality: Modality | None
) -> None:
    found = told(pipeline_tag=task)
    assert (found.inputs, found.outputs, found.modality) == (inputs, outputs, modality)


def test_a_task_says_what_a_model_can_and_not_what_it_cannot() -> None:
    assert told(pipeline_tag="image-text-to-text").capabilities == {"vision": True}
    assert told().capabilities == {}


def test_each_inference_provider_is_an_offering_without_a_price() -> None:
    found = TRANSLATOR.translate(snapshot(WHOLE, KEY), AIDS).offerings
    assert [(each.provider, each.name, each.stage) for each in found] == [
        ("provider-a", "tiny-1b", Stage.ACTIVE), ("provider-b", "tiny", Stage.UNKNOWN)
    ]  # fmt: skip
    assert all(each.prices == Prices() and each.model_key == KEY for each in found)


def test_a_provider_with_two_tasks_is_one_offering_and_active_if_one_is_live() -> None:
    entry = {"provider": "a", "providerId": "x", "status": "error"}
    assert served([entry, {**entry, "status": "live", "providerId": "y"}]) == [("a", "y", Stage.ACTIVE)]


def test_the_mapping_by_provider_says_the_same() -> None:
    assert served({"a": {"providerId": "x", "status": "live"}}) == [("a", "x", Stage.ACTIVE)]


def test_two_licences_are_both_named() -> None:
    assert told(tags=["license:mit", "license:other"]).licence == "mit, other"


def test_metrics_are_no_fields() -> None:
    counted = snapshot(WHOLE, KEY, volatile={"downloads": 5, "likes": 7})
    assert listing(TRANSLATOR, counted) == told()


def test_nothing_that_is_sent_breaks_it() -> None:
    for each in spoilt_snapshots(WHOLE, KEY):
        sound(TRANSLATOR.translate(each, AIDS))


def test_every_recorded_model_is_translated() -> None:
    found = [listing(TRANSLATOR, each) for each in recorded("huggingface/models", ADAPTER.documents[0], "huggingface")]
    assert len(found) >= 53
    assert all(each.hugging_face_id == each.key for each in found)
