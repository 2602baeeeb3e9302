"""What only OpenRouter's own pages know: orphans and authors. And its providers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from modelcensus.core.canonical import Malformed
from modelcensus.core.errors import UpstreamBroken
from modelcensus.core.faults import FaultKind
from modelcensus.core.records import SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect
from modelcensus.settings import SourceSettings
from modelcensus.sources.openrouter import authors, orphans, providers
from modelcensus.sources.openrouter.frontend import records_of
from modelcensus.upstream import Fault, Play, Upstream
from tests.builders import as_json, census_at, model, openrouter

UUID = "0f4b86e5-14aa-40d8-91a4-79b694fac8b5"


def record(slug: Any = "lab/old", endpoint: Any = None, **fields: Any) -> dict[str, Any]:
    """One record of the frontend's listing."""
    return {"slug": slug, "name": "Lab: Old", "endpoint": endpoint, **fields}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (record(), "lab/old"),
        (record(endpoint={"model_variant_slug": "lab/old:free", "variant": "free"}), "lab/old:free"),
        (record(endpoint={"variant": "thinking"}), "lab/old:thinking"),
        (record(endpoint={"variant": "standard"}), "lab/old"),
        (record("lab/old:free", endpoint={"variant": "free"}), "lab/old:free"),
        (record(None, permaslug="lab/old-2024"), "lab/old-2024"),
        (record(" ", endpoint={"name": "Relace | lab/old-2024", "id": UUID}), "lab/old-2024"),
        (record(None, endpoint={"name": "Relace", "id": UUID}), UUID),
        (record(None), None),
    ],
)
def test_the_key_of_an_orphan_is_made_of_what_is_there(given: dict[str, Any], key: str | None) -> None:
    assert orphans.key_of(given) == key


@pytest.mark.parametrize("given", [record(7), record(endpoint=[]), record(endpoint={"model_variant_slug": 5})])
def test_no_key_is_made_around_what_is_broken(given: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        orphans.key_of(given)


def test_a_record_for_each_provider_is_one_orphan_whatever_their_order() -> None:
    one, two, none = (as_json(record(endpoint=each)) for each in ({"id": "1"}, {"id": "2"}, None))
    known: frozenset[str] = frozenset()
    assert orphans.orphans([two, none, one], known) == orphans.orphans([one, two, none], known) == [one]


def test_a_record_that_cannot_be_read_stays_to_be_told_of() -> None:
    body = b'{"data":[' + b",".join(orphans.orphans([b'{"slug":NaN}', as_json(record())], frozenset())) + b"]}"
    found = orphans.split(body)
    assert [entity.key for entity in found.slices] == ["lab/old"]
    assert [(fault.kind, fault.category, fault.key) for fault in found.faults] == [
        (FaultKind.NOT_FINITE, "orphan", None)
    ]


def test_both_shapes_of_the_frontend_are_read() -> None:
    records = [as_json(record())]
    assert records_of(as_json({"data": [record()]})) == records
    assert records_of(as_json({"data": {"models": [record()], "analytics": {}}})) == records


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"data":{}}', b'{"data":[{"slug":"a"}', b'{"data":{"models":[{}]'],
)  # fmt: skip
def test_a_frontend_that_is_cut_or_another_is_an_error_with_a_hint(body: bytes) -> None:
    with pytest.raises(UpstreamBroken) as caught:
        records_of(body)
    assert caught.value.hint


def test_an_author_is_what_most_of_its_models_say() -> None:
    said = ["Lab", "Lab", "A Lab", None, None, None]
    records = [as_json({"slug": f"lab/{n}", "author": "lab", "author_display_name": x}) for n, x in enumerate(said)]
    (only,) = authors.authors(records)
    assert json.loads(only) == {"slug": "lab", "author": "lab", "author_display_name": "Lab"}
    assert authors.authors(records[::-1]) == [only]


def test_an_author_that_is_not_named_is_what_the_slug_begins_with() -> None:
    found = authors.authors([as_json({"slug": "~lab/x-latest"}), as_json({"slug": "no slash"})])
    assert found == [b'{"slug":"lab"}']


@pytest.mark.parametrize("raw", [b'{"slug":"a/b","x":NaN}', b'{"author":5,"slug":"a/b"}', b"5"])
def test_an_author_is_not_gathered_from_records_that_cannot_be_read(raw: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        authors.authors([raw, as_json(record())])


def test_a_provider_is_named_by_its_slug() -> None:
    found = providers.split(as_json({"data": [{"name": "Z.AI", "slug": "z-ai"}, {"name": "x"}, {"slug": 5}]}))
    assert [(entity.category, entity.key) for entity in found.slices] == [("provider", "z-ai")]
    assert [(fault.kind, fault.place) for fault in found.faults] == [
        (FaultKind.BAD_KEY, "[1] id is NoneType"),
        (FaultKind.BAD_KEY, "[2] id is int"),
    ]


FRONTEND = "/api/frontend/v1/catalog/models"
PAGE = as_json({"data": [record("lab/one", author="lab"), record("lab/two:free"), record(author="lab")]})


@contextmanager
def served(url: str, *plays: Play, **options: str) -> Iterator[tuple[Census, Upstream]]:
    """A census that has recorded the model ``lab/one``, and may ask the frontend."""
    routes = {"/api/v1/models": [Play(openrouter(model("lab/one")))], FRONTEND: list(plays)}
    with Upstream(routes) as up:
        given = SourceSettings(base_url=f"{up.url}/api/v1", options=options)
        with census_at(url, openrouter=given) as census:
            collect(census, census.sources["openrouter"])
            yield census, up


def keys(census: Census, category: str) -> set[str]:
    return {version.key for version in browse.as_of(census.store, census.clock(), category=category)}


def test_orphans_are_what_the_frontend_knows_and_the_listing_does_not(database_url: str) -> None:
    with served(database_url, Play(PAGE)) as (census, up):
        source = census.sources["openrouter"]
        assert collect(census, source, category="orphan").status is SyncStatus.COMPLETE
        assert collect(census, source, category="author").status is SyncStatus.COMPLETE
        assert keys(census, "orphan") == {"lab/two:free", "lab/old"}
        assert keys(census, "author") == {"lab"}
        assert {request.path for request in up.requests} == {"/api/v1/models", FRONTEND}


def test_an_orphan_that_the_listing_takes_in_is_no_orphan_any_more(sqlite_url: str) -> None:
    with served(sqlite_url, Play(PAGE)) as (census, up):
        source = census.sources["openrouter"]
        collect(census, source, category="orphan")
        up.play("/api/v1/models", [Play(openrouter(model("lab/one"), model("lab/old")))])
        collect(census, source)
        assert collect(census, source, category="orphan").vanished == 1
        assert keys(census, "orphan") == {"lab/two:free"}


@pytest.mark.parametrize("category", ["orphan", "author"])
@pytest.mark.parametrize(
    "play", [Play(PAGE, fault=Fault.NOT_FOUND), Play(b"<html>"), Play(b'{"data":[]}'), Play(PAGE[:-9])]
)
def test_a_frontend_that_is_gone_or_odd_removes_nothing(sqlite_url: str, play: Play, category: str) -> None:
    with served(sqlite_url, Play(PAGE)) as (census, up):
        source = census.sources["openrouter"]
        collect(census, source, category=category)
        before = keys(census, category)
        up.play(FRONTEND, [play])
        failed = collect(census, source, category=category)
        assert (failed.status, bool(failed.hint)) == (SyncStatus.FAILED, True)
        assert keys(census, category) == before


@pytest.mark.parametrize("category", ["orphan", "author"])
def test_a_frontend_that_is_switched_off_is_not_asked(sqlite_url: str, category: str) -> None:
    with served(sqlite_url, frontend="") as (census, up):
        failed = collect(census, census.sources["openrouter"], category=category)
        assert (failed.status, "options.frontend" in (failed.hint or "")) == (SyncStatus.FAILED, True)
        assert [request.path for request in up.requests] == ["/api/v1/models"]


def test_without_a_recorded_listing_nothing_is_called_an_orphan(sqlite_url: str) -> None:
    with Upstream({FRONTEND: [Play(PAGE)]}) as up:
        given = SourceSettings(base_url=f"{up.url}/api/v1")
        with census_at(sqlite_url, openrouter=given) as census:
            failed = collect(census, census.sources["openrouter"], category="orphan")
            assert (failed.status, len(up.requests)) == (SyncStatus.FAILED, 0)
