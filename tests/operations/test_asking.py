"""Many requests for one document: some at once, the answers in order, trouble where it belongs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from modelcensus.core.errors import SourceError
from modelcensus.core.reading import Document, Slice, Split
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census, Source
from modelcensus.operations.collect import collect, collect_all, collect_source
from modelcensus.settings import SourceSettings
from modelcensus.sources.adapter import Adapter, Ask, Call, Gap
from modelcensus.sources.http import Answer
from modelcensus.sources.openrouter import split
from modelcensus.upstream import Fault, Play, Upstream
from modelcensus.upstream.play import Received
from tests.builders import census_at, model, openrouter

COUNT = 60
MODELS = Document(category="model", covers=("model",), split=split)


def parts(ask: Ask) -> Iterator[Answer | Gap]:
    """One model a request."""
    for result in ask.each(f"part/{number}" for number in range(COUNT)):
        yield Gap(result) if isinstance(result, SourceError) else result


def adapter(fetch: Callable[[Ask], Iterator[Answer | Gap]] = parts, **fields: object) -> Adapter:
    """An adapter of a catalog whose models come one by one."""
    call = Call(document=MODELS, fetch=fetch, conditional=False)
    return Adapter(name="parts", title="Parts", base_url="http://127.0.0.1/", calls=(call,), **fields)  # type: ignore[arg-type]  # a builder


def part(request: Received) -> Play:
    return Play(openrouter(model(f"lab/{request.path.rpartition('/')[2]}")))


@contextmanager
def served(
    url: str, play: Callable[[Received], Play] = part, *, concurrency: int = 8, read: Adapter | None = None
) -> Iterator[tuple[Census, Source, Upstream]]:
    with Upstream(play) as up, census_at(url, openrouter=SourceSettings(base_url=up.url)) as census:
        source = msgspec.structs.replace(
            census.sources["openrouter"], name="parts", adapter=read or adapter(), concurrency=concurrency
        )
        yield census, source, up


def live(census: Census) -> set[str]:
    return {version.key for version in browse.as_of(census.store, census.clock())}


def all_models() -> set[str]:
    return {f"lab/{number}" for number in range(COUNT)}


def test_every_answer_is_recorded_and_as_many_requests_run_at_once_as_are_allowed(database_url: str) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slowly(request: Received) -> Play:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return part(request)

    with served(database_url, slowly, concurrency=5) as (census, source, _):
        assert collect(census, source).status is SyncStatus.COMPLETE
        assert live(census) == all_models()
        assert most == 5


def test_a_slow_answer_does_not_hold_up_the_others(sqlite_url: str) -> None:
    def one_is_slow(request: Received) -> Play:
        slow = request.path.endswith("/0")
        return Play(part(request).body, fault=Fault.DELAY if slow else None, seconds=0.3)

    with served(sqlite_url, one_is_slow, concurrency=2) as (census, source, up):
        collect(census, source)
        first = up.requests[0].at
        # Twenty times ahead of the slow one is more than the one other slot would give if it had to wait for it.
        assert sum(request.at < first + 0.3 for request in up.requests) > 5


def test_the_same_answers_in_the_same_order_are_the_same_reading(sqlite_url: str) -> None:
    with served(sqlite_url, concurrency=8) as (census, source, _):
        one, two = collect(census, source), collect(census, source)
        assert one.payload_sha256 == two.payload_sha256
        assert two.changed == 0


def test_one_part_that_fails_leaves_the_rest_and_removes_nothing(database_url: str) -> None:
    broken: set[str] = set()

    def some_break(request: Received) -> Play:
        fault = Fault.SERVER_ERROR if request.path in broken else None
        return Play(part(request).body, fault=fault)

    with served(database_url, some_break) as (census, source, _):
        collect(census, source)
        broken.add("/part/7")
        result = collect(census, source)
        assert (result.status, result.entities, result.vanished) == (SyncStatus.INCOMPLETE, COUNT - 1, 0)
        assert "500" in (result.error or "")
        assert live(census) == all_models()


def test_a_refused_key_ends_the_reading_at_once(sqlite_url: str) -> None:
    with served(sqlite_url, lambda _: Play(b"", fault=Fault.UNAUTHORIZED), concurrency=2) as (census, source, up):
        assert collect(census, source).status is SyncStatus.FAILED
        assert len(up.requests) <= 2 * 4


def test_an_upstream_that_fails_at_everything_is_soon_left_alone(sqlite_url: str) -> None:
    with served(sqlite_url, lambda _: Play(b"", fault=Fault.SERVER_ERROR), concurrency=2) as (census, source, up):
        assert collect(census, source).status is SyncStatus.FAILED
        assert len(up.requests) <= 25 + 2 * 4 < COUNT


def test_an_interrupted_reading_of_many_parts_goes_on_with_the_rest(sqlite_url: str, tmp_path: Path) -> None:
    down = False

    def goes_down(request: Received) -> Play:
        fault = Fault.UNAUTHORIZED if down and int(request.path.rpartition("/")[2]) >= 40 else None
        return Play(part(request).body, fault=fault)

    with served(sqlite_url, goes_down, concurrency=1) as (census, source, up):
        down = True
        assert collect(census, source).status is SyncStatus.INCOMPLETE
        down = False
        asked = len(up.requests)
        assert collect(census, source).status is SyncStatus.COMPLETE
        assert [int(request.path.rpartition("/")[2]) for request in up.requests[asked:]] == list(range(40, COUNT))


def test_what_is_not_there_says_nothing_of_the_rest(sqlite_url: str) -> None:
    def few_are_there(request: Received) -> Play:
        return part(request) if request.path.endswith("/59") else Play(b"", fault=Fault.NOT_FOUND)

    with served(sqlite_url, few_are_there, concurrency=2) as (census, source, up):
        assert collect(census, source).status is SyncStatus.INCOMPLETE
        assert len(up.requests) == COUNT
        assert live(census) == {"lab/59"}


def test_answers_that_are_on_their_way_when_a_reading_ends_are_kept_for_the_next(sqlite_url: str) -> None:
    refusing = True

    def refuses_the_first(request: Received) -> Play:
        if refusing and request.path == "/part/0":
            time.sleep(0.1)
            return Play(b"", fault=Fault.UNAUTHORIZED)
        return Play(part(request).body, fault=Fault.DELAY, seconds=0.2)

    with served(sqlite_url, refuses_the_first, concurrency=4) as (census, source, up):
        collect(census, source)
        asked = {request.path for request in up.requests}
        refusing = False
        up_to_now = len(up.requests)
        assert collect(census, source).status is SyncStatus.COMPLETE
        again = [request.path for request in up.requests[up_to_now:]]
        assert asked.intersection(again) == {"/part/0"}


def crashes(_: Ask) -> Iterator[Answer | Gap]:
    raise KeyError("sk-secret")
    yield


def test_an_adapter_that_crashes_is_a_failed_sync_of_its_source(database_url: str) -> None:
    with served(database_url, read=adapter(crashes)) as (census, source, _):
        result = collect(census, source)
        assert result.status is SyncStatus.FAILED
        assert result.error == "the adapter parts failed: KeyError"
        assert "source test parts" in (result.hint or "")


def test_an_adapter_whose_taking_apart_crashes_is_a_failed_sync_too(database_url: str) -> None:
    def splits_badly(_: bytes) -> None:
        raise ZeroDivisionError

    bad = msgspec.structs.replace(MODELS, split=splits_badly)
    read = msgspec.structs.replace(adapter(), calls=(Call(document=bad, fetch=parts),))
    with served(database_url, read=read) as (census, source, _):
        result = collect(census, source)
        assert (result.status, live(census)) == (SyncStatus.FAILED, set())
        assert "ZeroDivisionError" in (result.error or "")


def as_providers(body: bytes) -> Split:
    found = split(body)
    found.slices = [Slice("provider", each.key, each.raw) for each in found.slices]
    return found


def two_documents(*, optional: bool) -> Adapter:
    second = Document(category="provider", covers=("provider",), split=as_providers)
    calls = (
        Call(document=second, fetch=lambda ask: iter([ask.get("providers")]), optional=optional),
        Call(document=MODELS, fetch=lambda ask: iter([ask.get("models")])),
    )
    return Adapter(name="two", title="Two", base_url="http://127.0.0.1/", calls=calls)


def statuses(census: Census, source: Source, **options: object) -> list[tuple[str, SyncStatus, bool]]:
    found: list[SyncRecord] = list(collect_source(census, source, **options))  # type: ignore[arg-type]  # a builder
    return [(each.document, each.status, each.optional) for each in found]


def providers_break(request: Received) -> Play:
    return Play(openrouter(model()), fault=Fault.SERVER_ERROR if request.path == "/providers" else None)


def test_after_a_document_that_cannot_be_read_the_rest_of_its_source_waits(sqlite_url: str) -> None:
    with served(sqlite_url, providers_break, read=two_documents(optional=False)) as (census, source, up):
        assert statuses(census, source) == [("provider", SyncStatus.FAILED, False)]
        assert [request.path for request in up.requests] == ["/providers"]


def test_an_optional_document_that_cannot_be_read_holds_up_nothing(sqlite_url: str) -> None:
    with served(sqlite_url, providers_break, read=two_documents(optional=True)) as (census, source, _):
        assert statuses(census, source) == [
            ("provider", SyncStatus.FAILED, True),
            ("model", SyncStatus.COMPLETE, False),
        ]


def test_only_the_categories_that_are_asked_for_are_read(sqlite_url: str) -> None:
    with served(sqlite_url, providers_break, read=two_documents(optional=False)) as (census, source, up):
        assert statuses(census, source, categories=["model"]) == [("model", SyncStatus.COMPLETE, False)]
        assert [request.path for request in up.requests] == ["/models"]


def test_each_document_removes_only_what_it_covers(database_url: str) -> None:
    listed = {"/providers": ["p", "q"], "/models": ["a", "b", "c"]}

    def catalog(request: Received) -> Play:
        return Play(openrouter(*map(model, listed[request.path])))

    with served(database_url, catalog, read=two_documents(optional=False)) as (census, source, _):
        statuses(census, source)
        listed["/models"] = ["b", "c"]
        assert [(each.document, each.vanished) for each in collect_source(census, source)] == [
            ("provider", 0),
            ("model", 1),
        ]
        assert live(census) == {"p", "q", "b", "c"}


def test_a_source_without_its_key_is_not_asked_and_says_which_setting_to_set(sqlite_url: str) -> None:
    with served(sqlite_url, read=adapter(needs_key=True, key_header="x-api-key")) as (census, source, up):
        result = collect(census, msgspec.structs.replace(source, key_setting="sources.parts.key"))
        assert (result.status, up.requests) == (SyncStatus.FAILED, [])
        assert result.hint == "set sources.parts.key"


def test_a_slow_source_does_not_delay_the_results_of_the_others(sqlite_url: str) -> None:
    def one_is_slow(request: Received) -> Play:
        slow = request.path.startswith("/slow")
        return Play(openrouter(model()), fault=Fault.DELAY if slow else None, seconds=3)

    with Upstream(one_is_slow) as up:
        names = ["slow", *(f"quick{number}" for number in range(10))]
        given = {name: SourceSettings(adapter="openrouter", base_url=f"{up.url}/{name}") for name in names}
        with census_at(sqlite_url, **given) as census:
            chosen = [census.sources[name] for name in names]
            order = [result.source for result in collect_all(census, chosen, categories=["model"])]
    assert order[-1] == "slow"
    assert sorted(order) == sorted(names)


@pytest.mark.parametrize("repeats", [False, True])
def test_an_entity_that_comes_twice_is_a_fault_only_where_upstream_is_not_known_for_it(
    database_url: str, repeats: bool
) -> None:
    body = openrouter(model("a", price="1"), model("b"), model("a", price="2"))
    document = msgspec.structs.replace(MODELS, repeats=repeats)
    read = msgspec.structs.replace(
        adapter(), calls=(Call(document=document, fetch=lambda ask: iter([ask.get("models")])),)
    )
    with served(database_url, lambda _: Play(body), read=read) as (census, source, _):
        result = collect(census, source)
        assert (result.status, result.entities, result.quarantined) == (
            (SyncStatus.COMPLETE, 2, 0) if repeats else (SyncStatus.PARTIAL, 2, 1)
        )
        (first,) = browse.show(census.store, "a")
        assert b'"prompt":"1"' in bytes(first.version.data or b"")
