"""OpenRouter's listing taken apart, sound and broken."""

from __future__ import annotations

import pytest

from modelcensus.core.faults import FaultKind
from modelcensus.core.quality import findings
from modelcensus.core.reading import Split, understand
from modelcensus.core.records import SyncStatus
from modelcensus.operations.collect import collect
from modelcensus.settings import SourceSettings
from modelcensus.sources.openrouter import next_page, split
from modelcensus.sources.openrouter.models import MODELS
from modelcensus.upstream import Play, Upstream
from tests.builders import as_json, census_at, model, openrouter


def named(found: Split) -> list[str]:
    return [entity.key for entity in found.slices]


def test_each_model_is_one_entity_in_its_own_words() -> None:
    one, two = model("lab/one"), model("lab/two:free", context_length=4096)
    found = split(openrouter(one, two))
    assert [(entity.category, entity.key, bytes(entity.raw)) for entity in found.slices] == [
        ("model", "lab/one", as_json(one)),
        ("model", "lab/two:free", as_json(two)),
    ]
    assert (found.faults, found.truncated, found.more, found.total) == ([], False, False, None)


def test_a_bare_list_is_a_listing_too() -> None:
    assert named(split(as_json([model("lab/one")]))) == ["lab/one"]


@pytest.mark.parametrize("key", ["lab/a:b@c~(d)+e", "x", "Lab/Model With Spaces", "实验/模型", "a" * 512])
def test_ids_with_any_printable_character_are_taken_as_they_are(key: str) -> None:
    assert named(split(openrouter(model(key)))) == [key]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (b'{"name":"x"}', FaultKind.BAD_KEY),
        (b'{"id":7}', FaultKind.BAD_KEY),
        (b'{"id":null}', FaultKind.BAD_KEY),
        (b'{"id":""}', FaultKind.BAD_KEY),
        (b'{"id":"  "}', FaultKind.BAD_KEY),
        (b'{"id":"a\\u0000b"}', FaultKind.BAD_KEY),
        (b'{"id":"' + b"a" * 513 + b'"}', FaultKind.BAD_KEY),
        (b"5", FaultKind.NOT_AN_OBJECT),
        (b'["lab/x"]', FaultKind.NOT_AN_OBJECT),
        (b'{"name":NaN,"id":"x"}', FaultKind.NOT_FINITE),
        (b'{"id":"\xff"}', FaultKind.INVALID_UTF8),
    ],
)
def test_what_has_no_usable_id_is_a_nameless_fault_and_the_rest_stays(item: bytes, kind: FaultKind) -> None:
    found = split(openrouter(model("lab/one"), item, model("lab/two")))
    assert named(found) == ["lab/one", "lab/two"]
    (fault,) = found.faults
    assert (fault.kind, fault.category, fault.key, fault.raw) == (kind, "model", None, item)
    assert "[1]" in fault.place


def test_a_broken_model_keeps_its_name_where_that_came_first() -> None:
    (fault,) = split(openrouter(b'{"id":"lab/x","price":NaN}')).faults
    assert (fault.kind, fault.key) == (FaultKind.NOT_FINITE, "lab/x")


def test_an_id_that_comes_twice_is_left_to_the_recorder() -> None:
    assert named(split(openrouter(model("lab/one"), model("lab/one")))) == ["lab/one", "lab/one"]


@pytest.mark.parametrize(
    "body", [b"", b"null", b'"x"', b"7", b"<html>", b"{}", b'{"data":{}}', b'{"data":null}', b'{"models":[]}']
)
def test_another_shape_is_no_listing_at_all(body: bytes) -> None:
    found = split(body)
    assert found.slices == []
    assert found.truncated
    assert [fault.kind for fault in found.faults] == [FaultKind.WRONG_TOP_LEVEL]


def test_an_error_object_is_quoted() -> None:
    (fault,) = split(b'{"error":{"message":"no credits","code":402}}').faults
    assert "no credits" in fault.place


def test_a_cut_listing_keeps_what_is_whole_and_says_that_it_is_cut() -> None:
    body = openrouter(model("lab/one"), model("lab/two"))
    found = split(body[: body.index(b"lab/two") + 3])
    assert found.truncated
    assert named(found) == ["lab/one"]
    assert found.faults[-1].kind is FaultKind.TRUNCATED


def test_the_next_link_is_followed() -> None:
    body = openrouter(model(), links={"next": "https://x.test/models?offset=1"})
    assert next_page(body) == "https://x.test/models?offset=1"
    assert split(body).more


@pytest.mark.parametrize("links", [{}, {"next": None}, {"next": ""}, {"next": 5}, None, [], "x"])
def test_no_next_link_ends_the_listing(links: object) -> None:
    body = openrouter(model(), links=links)
    assert next_page(body) is None
    assert not split(body).more


@pytest.mark.parametrize(("told", "total"), [(7, 7), ("7", None), (None, None), (1.5, None)])
def test_the_total_count_is_taken_where_it_is_a_whole_number(told: object, total: int | None) -> None:
    assert split(openrouter(model(), total_count=told)).total == total


def test_benchmarks_are_no_part_of_a_version() -> None:
    with_scores = understand(as_json(model(benchmarks={"x": 1})), ("benchmarks",))
    assert with_scores.hash == understand(as_json(model()), ("benchmarks",)).hash
    assert with_scores.volatile == b'{"benchmarks":{"x":1}}'


@pytest.mark.parametrize(
    ("link", "said"),
    [("{url}/models?output_modalities=all", "an earlier one"), ("http://127.0.0.2:9/models", "on another host")],
)
def test_a_next_link_that_leads_back_or_elsewhere_is_not_followed(sqlite_url: str, link: str, said: str) -> None:
    with Upstream({}) as up, census_at(sqlite_url, openrouter=SourceSettings(base_url=up.url)) as census:
        up.play("/models", [Play(openrouter(model(), links={"next": link.format(url=up.url)}))])
        record = collect(census, census.sources["openrouter"])
        assert (record.status, len(up.requests)) == (SyncStatus.INCOMPLETE, 1)
        assert said in (record.error or "")
        assert record.hint


def problems(**fields: object) -> list[str]:
    return [f"{each.path}: {each.detail}" for each in findings(model(**fields), MODELS.checks["model"])]  # type: ignore[arg-type]


def test_a_router_of_variable_price_and_an_expiration_that_never_comes_are_fine() -> None:
    assert problems(pricing={"prompt": "-1", "completion": "-1"}, expiration_date="2098-12-31") == []


def test_a_price_per_million_where_one_per_token_belongs_is_found() -> None:
    found = problems(pricing={"prompt": "2.5", "completion": "0", "overrides": [{"prompt": "5"}]})
    assert found == ["pricing.prompt: 2.5, expected below 0.01", "pricing.overrides[0].prompt: 5, expected below 0.01"]
