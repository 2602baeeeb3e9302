"""genai-prices' document and its installed package."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from modelcensus.core import canonical
from modelcensus.core.faults import FaultKind
from modelcensus.core.known import known_fields
from modelcensus.core.quality import findings
from modelcensus.core.reading import Split, understand
from modelcensus.core.shape import decoded, shape_of
from modelcensus.core.times import from_micros
from modelcensus.sources.genai_prices import ADAPTER, DOCUMENT, offline, split
from modelcensus.upstream.exchanges import load_example
from tests.builders import as_json, genai_prices


def named(found: Split) -> list[tuple[str, str]]:
    return [(entity.category, entity.key) for entity in found.slices]


def test_providers_and_their_models_are_entities() -> None:
    found = split(genai_prices(openai=["gpt-5"], groq=["llama", "gemma"]))
    assert named(found) == [
        ("provider", "openai"),
        ("model", "openai/gpt-5"),
        ("provider", "groq"),
        ("model", "groq/llama"),
        ("model", "groq/gemma"),
    ]
    assert (found.faults, found.truncated) == ([], False)


def test_a_provider_is_kept_without_its_models() -> None:
    provider = split(genai_prices(openai=["gpt-5"])).slices[0]
    assert bytes(provider.raw) == b'{"id":"openai","name":"Openai"}'


@pytest.mark.parametrize(
    "provider", [5, {"name": "x", "models": []}, {"id": 5, "models": []}, {"id": "", "models": []}]
)
def test_a_provider_without_a_name_hides_any_model(provider: object) -> None:
    found = split(as_json([provider]))
    assert named(found) == []
    assert {(fault.category, fault.key) for fault in found.faults} == {("provider", None), ("model", None)}


@pytest.mark.parametrize("models", [None, 5, "x"])
def test_models_of_another_shape_hide_any_model(models: object) -> None:
    found = split(as_json([{"id": "p", "models": models}]))
    assert [(f.kind, f.category, f.key) for f in found.faults] == [(FaultKind.NOT_AN_OBJECT, "model", None)]


def test_a_broken_model_is_named_with_its_provider() -> None:
    found = split(b'[{"id":"p","models":[{"id":"m","x":NaN},{"id":"n"}]}]')
    assert named(found) == [("provider", "p"), ("model", "p/n")]
    (fault,) = found.faults
    assert (fault.kind, fault.key) == (FaultKind.NOT_FINITE, "p/m")


@pytest.mark.parametrize("body", [b"{}", b"null", b"", b'{"error":"x"}'])
def test_another_top_level_is_no_document(body: bytes) -> None:
    found = split(body)
    assert ([fault.kind for fault in found.faults], found.truncated) == ([FaultKind.WRONG_TOP_LEVEL], True)


def test_a_cut_document_says_that_it_is_cut() -> None:
    body = genai_prices(a=["one"], b=["two"])
    assert all(split(body[:length]).truncated for length in range(1, len(body) - 1))


def test_the_installed_package_is_read_without_any_fault() -> None:
    found = split(offline().body)
    assert found.faults == []
    counted = Counter(category for category, _ in named(found))
    assert counted["provider"] >= 10
    assert counted["model"] >= 500
    assert len(set(named(found))) == len(found.slices)


def test_every_entity_of_the_installed_package_is_understood() -> None:
    for entity in split(offline().body).slices:
        assert understand(bytes(entity.raw), ()).data


def test_prices_of_the_installed_package_keep_their_digits() -> None:
    body = offline().body
    assert canonical.canonicalise(body) == body
    assert b"0000000001" not in body  # what a price that went through a binary float ends in


def test_the_installed_package_is_no_newer_than_today() -> None:
    payload = offline()
    observed = from_micros(payload.observed_at)
    assert datetime(2024, 1, 1, tzinfo=UTC) < observed < datetime.now(UTC) + timedelta(days=1)
    assert observed.date().isoformat() in payload.origin


def test_the_installed_package_is_read_the_same_way_twice() -> None:
    assert offline() == offline()


def test_a_provider_with_two_ids_is_neither_of_them() -> None:
    found = split(b'[{"id":"p","name":"P","id":"q","models":[{"id":"m"}]}]')
    assert named(found) == []
    assert {(fault.category, fault.key) for fault in found.faults} == {("provider", None), ("model", None)}


def test_prices_by_size_and_date_are_checked_one_by_one() -> None:
    tiers = {"base": 5, "tiers": [{"start": 200000, "price": -10}]}
    dated = [{"constraint": {"start_date": "soon"}, "prices": {"output_mtok": tiers}}]
    found = findings({"id": "m", "match": {"equals": "m"}, "prices": dated}, DOCUMENT.checks["model"])
    assert [f"{each.path}: {each.detail}" for each in found] == [
        "prices[0].prices.output_mtok.tiers[0].price: negative: -10",
        "prices[0].constraint.start_date: not a date: soon",
    ]
    plain = {"id": "m", "match": {"equals": "m"}, "prices": {"input_mtok": 1, "output_mtok": tiers["base"]}}
    assert findings(plain, DOCUMENT.checks["model"]) == []


def test_the_record_knows_every_field_of_the_example_and_no_invented_one() -> None:
    assert ADAPTER.example is not None
    example = load_example(ADAPTER.example)
    for category, entities in example.expected.items():
        known = known_fields(DOCUMENT.records[category])
        for data in entities.values():
            fields = shape_of(decoded(bytes(data)), maps=known.maps).fields
            assert {path for path, kind in fields if kind not in (known.expected(path) or {kind})} == set()
            assert {path for path, _ in fields if not known.has(path)} == set()
        assert not known.has("invented")


def test_the_record_knows_every_field_of_the_installed_package() -> None:
    by_category = {category: known_fields(record) for category, record in DOCUMENT.records.items()}
    for entity in split(offline().body).slices:
        known = by_category[entity.category]
        fields = shape_of(decoded(bytes(entity.raw)), maps=known.maps).fields
        assert {path for path, _ in fields if not known.has(path)} == set(), entity.key
