"""OpenRouter's endpoints: what they are called, and how they are asked for model by model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from typing import Any
from urllib.parse import unquote

import pytest

from modelcensus.core.faults import FaultKind
from modelcensus.core.reading import Split
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect
from modelcensus.settings import SourceSettings
from modelcensus.sources.openrouter.endpoints import VOLATILE, path_of, split
from modelcensus.upstream import Fault, Play, Upstream
from modelcensus.upstream.play import Received
from tests.builders import as_json, census_at, model, openrouter

UUID = "0f4b86e5-14aa-40d8-91a4-79b694fac8b5"


def endpoint(
    provider: Any = "Relace", tag: Any = "relace", *, price: str = "0.000001", **fields: Any
) -> dict[str, Any]:
    """One endpoint; ``price`` is dollars per prompt token."""
    own = {"provider_name": provider, "tag": tag, "context_length": 8192, "pricing": {"prompt": price}}
    return {**own, **fields}


def page(*endpoints: Any, id: Any = "lab/one") -> bytes:  # noqa: A002  # the field's name
    items = b",".join(each if isinstance(each, bytes) else as_json(each) for each in endpoints)
    return b'{"data":{"id":' + as_json(id) + b',"name":"x","endpoints":[' + items + b"]}}"


def named(found: Split) -> list[str]:
    return [entity.key for entity in found.slices]


def test_an_endpoint_is_named_by_model_provider_and_tag_and_kept_as_it_came() -> None:
    one = endpoint("Google", "google-vertex/global", model_id="lab/one")
    (only,) = split(page(one)).slices
    assert (only.category, only.key) == ("endpoint", "lab/one | Google | google-vertex/global")
    assert bytes(only.raw) == as_json(one)


def test_an_endpoint_with_an_id_of_its_own_is_named_by_that() -> None:
    assert named(split(page(endpoint(id=UUID.upper()), endpoint(id="not a uuid")))) == [
        UUID,
        "lab/one | Relace | relace",
    ]


def test_a_provider_that_is_named_in_the_title_alone_is_found_there() -> None:
    assert named(split(page({"name": "Wafer | lab/one-2026"}))) == ["lab/one | Wafer | -"]


def test_a_part_with_the_separator_in_it_cannot_pass_for_two() -> None:
    one, two = endpoint("a | b", "c"), endpoint("a", "b | c")
    assert named(split(page(one, two))) == ["lab/one | a %7C b | c", "lab/one | a | b %7C c"]


def test_the_answers_of_all_models_together_are_taken_too() -> None:
    models = [{"id": "lab/one", "endpoints": [endpoint()]}, {"id": "lab/two", "endpoints": []}]
    found = split(as_json({"source": "x", "count": 2, "models": models}))
    assert (named(found), found.faults, found.truncated) == (["lab/one | Relace | relace"], [], False)


def test_twins_are_told_apart_by_what_differs_whatever_their_order() -> None:
    twins = [endpoint(context_length=n) for n in (8192, 4096, 2048)]
    for order in permutations(twins):
        by_key = {entity.key: bytes(entity.raw) for entity in split(page(*order)).slices}
        assert by_key == {
            "lab/one | Relace | relace": as_json(twins[0]),
            "lab/one | Relace | relace | context_length=4096": as_json(twins[1]),
            "lab/one | Relace | relace | context_length=2048": as_json(twins[2]),
        }


def test_twins_that_differ_in_price_alone_are_told_apart_by_their_place() -> None:
    twins = [endpoint(price="0.3"), endpoint(price="0.05")]
    for order in permutations(twins):
        by_key = {entity.key: bytes(entity.raw) for entity in split(page(*order)).slices}
        assert by_key["lab/one | Relace | relace"] == as_json(twins[1])
        assert by_key["lab/one | Relace | relace | #2"] == as_json(twins[0])


def test_the_first_of_twins_keeps_its_name_when_a_dearer_one_comes() -> None:
    one, two = endpoint(price="0.1"), endpoint(price="0.2")
    assert split(page(one)).slices[0].key == split(page(two, one)).slices[0].key


def test_metrics_do_not_tell_twins_apart() -> None:
    one, two = endpoint(uptime_last_30m=99.5, status=0), endpoint(uptime_last_30m=3, status=-5)
    assert named(split(page(one, two))) == ["lab/one | Relace | relace"] * 2


def test_a_broken_twin_does_not_lend_its_name_to_the_other() -> None:
    broken = as_json(endpoint(price="0.1"))[:-1] + b',"x":NaN}'
    found = split(page(broken, endpoint(price="0.2")))
    assert named(found) == ["lab/one | Relace | relace | #2"]
    assert [(fault.kind, fault.key) for fault in found.faults] == [(FaultKind.NOT_FINITE, "lab/one | Relace | relace")]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (as_json(endpoint(provider=7)), FaultKind.BAD_KEY),
        (as_json(endpoint(tag=["relace"])), FaultKind.BAD_KEY),
        (as_json({"tag": "relace"}), FaultKind.BAD_KEY),
        (as_json(endpoint(tag="x" * 600)), FaultKind.BAD_KEY),
        (b'{"provider_name":"a","provider_name":"b","tag":"t"}', FaultKind.DUPLICATE_MEMBER),
        (b"[]", FaultKind.NOT_AN_OBJECT),
        (b'{"provider_name":"\xff","tag":"t"}', FaultKind.INVALID_UTF8),
    ],
)
def test_what_cannot_be_named_is_a_nameless_fault_and_the_rest_stays(item: bytes, kind: FaultKind) -> None:
    found = split(page(endpoint(), item))
    assert named(found) == ["lab/one | Relace | relace"]
    assert [(fault.kind, fault.category, fault.key) for fault in found.faults] == [(kind, "endpoint", None)]


@pytest.mark.parametrize("body", [b"", b"[5]", b'{"data":5}', b'{"data":{"id":"x"}}', b'{"error":{"code":500}}', b'""'])
def test_another_shape_proves_nothing(body: bytes) -> None:
    found = split(body)
    assert found.slices == []
    assert [fault for fault in found.faults if fault.key is None]


def test_a_cut_answer_says_so_wherever_it_is_cut() -> None:
    body = page(endpoint("a"), endpoint("b"))
    for length in range(len(body)):
        assert split(body[:length]).truncated, body[:length]


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("lab/one:free", "models/lab/one:free/endpoints"),
        ("~lab/one-latest", "models/~lab/one-latest/endpoints"),
        ("lab/a b?c#d%e", "models/lab/a%20b%3Fc%23d%25e/endpoints"),
        ("实验/é", "models/%E5%AE%9E%E9%AA%8C/%C3%A9/endpoints"),
        ("lab/../../keys", None),
        ("./x", None),
        ("lab//x", None),
    ],
)
def test_an_id_leads_to_its_own_endpoints_or_nowhere(key: str, path: str | None) -> None:
    assert path_of(key) == path


def test_status_uptimes_and_speeds_are_metrics() -> None:
    sample = {
        "status",
        "uptime_last_5m",
        "uptime_last_30m",
        "uptime_last_1d",
        "latency_last_30m",
        "throughput_last_30m",
    }
    assert sample < set(VOLATILE)


class Table:
    """A census whose OpenRouter answers with ``models``, and per model with what ``said`` holds; else 404."""

    def __init__(self) -> None:
        self.models: list[str] = []
        self.said: dict[str, Any] = {}

    def __call__(self, request: Received) -> Play:
        path = unquote(request.path)
        if path == "/models":
            return Play(openrouter(*map(model, self.models)))
        said = self.said.get(path.removeprefix("/models/").removesuffix("/endpoints"), Fault.NOT_FOUND)
        return Play(b"{}", fault=said) if isinstance(said, Fault) else Play(said)


@contextmanager
def served(url: str, **said: Any) -> Iterator[tuple[Census, Table]]:
    table = Table()
    table.said = {f"lab/{name}": each for name, each in said.items()}
    table.models = list(table.said)
    with Upstream(table) as up, census_at(url, openrouter=SourceSettings(base_url=up.url)) as census:
        yield census, table


def sync(census: Census) -> SyncRecord:
    """The models, then their endpoints."""
    collect(census, census.sources["openrouter"])
    return collect(census, census.sources["openrouter"], category="endpoint")


def live(census: Census) -> set[str]:
    found = browse.as_of(census.store, census.clock(), category="endpoint")
    return {version.key for version in found}


ONE, TWO = page(endpoint(), id="lab/one"), page(endpoint(), id="lab/two")
BOTH = {"lab/one | Relace | relace", "lab/two | Relace | relace"}


def test_the_endpoints_of_every_recorded_model_are_one_reading(database_url: str) -> None:
    with served(database_url, one=ONE, two=TWO, none=page(id="lab/none")) as (census, _):
        record = sync(census)
        assert (record.status, record.entities) == (SyncStatus.COMPLETE, 2)
        assert live(census) == BOTH


def test_before_any_model_is_recorded_endpoints_are_not_asked_for(sqlite_url: str) -> None:
    with served(sqlite_url, one=ONE) as (census, _):
        record = collect(census, census.sources["openrouter"], category="endpoint")
        assert (record.status, record.bytes_read) == (SyncStatus.FAILED, 0)
        assert "no model is recorded" in (record.error or "")
        assert record.hint


def test_a_model_that_is_not_there_and_never_had_endpoints_has_none(sqlite_url: str) -> None:
    with served(sqlite_url, one=ONE, odd=Fault.NOT_FOUND) as (census, _):
        assert sync(census).status is SyncStatus.COMPLETE


def test_a_model_with_recorded_endpoints_that_is_not_there_removes_nothing(database_url: str) -> None:
    with served(database_url, one=ONE, two=TWO) as (census, table):
        sync(census)
        table.said["lab/one"] = Fault.NOT_FOUND
        record = sync(census)
        assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert "lab/one" in (record.error or "")
        assert live(census) == BOTH


def test_a_model_that_is_not_there_may_own_an_endpoint_that_has_but_a_uuid(sqlite_url: str) -> None:
    with served(sqlite_url, one=page(endpoint(id=UUID)), two=TWO) as (census, table):
        sync(census)
        table.said["lab/one"] = Fault.NOT_FOUND
        assert sync(census).status is SyncStatus.INCOMPLETE
        assert UUID in live(census)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.CUT_WITH_LENGTH, Fault.TRUNCATED_JSON, Fault.HTML])
def test_one_model_that_fails_keeps_its_endpoints_and_the_others_are_read(sqlite_url: str, fault: Fault) -> None:
    three = page(endpoint(), id="lab/three")
    with served(sqlite_url, one=ONE, two=TWO) as (census, table):
        sync(census)
        table.models.append("lab/three")
        table.said |= {"lab/one": fault, "lab/three": three}
        record = sync(census)
        assert (record.status, record.vanished, record.appeared) == (SyncStatus.INCOMPLETE, 0, 1)
        assert record.hint
        assert live(census) == {*BOTH, "lab/three | Relace | relace"}


def test_an_endpoint_that_is_gone_vanishes(sqlite_url: str) -> None:
    with served(sqlite_url, one=page(endpoint(), endpoint("Wafer", "wafer")), two=TWO) as (census, table):
        sync(census)
        table.said["lab/one"] = ONE
        assert sync(census).vanished == 1
        assert live(census) == BOTH


def test_an_alias_that_answers_with_its_target_is_no_fault(sqlite_url: str) -> None:
    with served(sqlite_url, one=ONE, latest=ONE) as (census, _):
        record = sync(census)
        assert (record.status, record.entities) == (SyncStatus.COMPLETE, 1)
