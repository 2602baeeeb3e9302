"""Collecting from a real upstream on this machine, well behaved and not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect, collect_all
from modelcensus.operations.verify import verify
from modelcensus.settings import SourceSettings
from modelcensus.upstream import Fault, Pages, Play, Upstream
from tests.builders import census_at, count, everything, model, modelsdev, openrouter

THREE = openrouter(model("a"), model("b"), model("c"))


@contextmanager
def served(url: str, *plays: Play) -> Iterator[tuple[Census, Upstream]]:
    """A census whose OpenRouter is an upstream of ours."""
    with Upstream({"/models": list(plays)}) as up, census_at(url, openrouter=SourceSettings(base_url=up.url)) as census:
        yield census, up


def sync(census: Census, source: str = "openrouter", *, accept_smaller: bool = False) -> SyncRecord:
    return collect(census, census.sources[source], accept_smaller=accept_smaller)


def live(census: Census) -> set[str]:
    return {version.key for version in browse.as_of(census.store, census.clock())}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_catalog_is_read_and_recorded(database_url: str) -> None:
    with served(database_url, Play(THREE)) as (census, up):
        record = sync(census)
        assert (record.status, record.entities, record.appeared, record.bytes_read) == (
            SyncStatus.COMPLETE,
            3,
            3,
            len(THREE),
        )
        assert record.origin.startswith(up.url)
        assert live(census) == {"a", "b", "c"}
        assert "output_modalities=all" in up.requests[0].query


def test_not_modified_is_a_sync_without_change_that_costs_no_download(database_url: str) -> None:
    with served(database_url, Play(THREE, conditional=True)) as (census, up):
        first, second, third = sync(census), sync(census), sync(census)
        assert [r.status for r in (first, second, third)] == [SyncStatus.COMPLETE] * 3
        assert [r.bytes_read for r in (first, second, third)] == [len(THREE), 0, 0]
        assert [r.entities for r in (first, second, third)] == [3, 3, 3]
        assert "if-none-match" in up.requests[2].headers
        assert count(census.store, "snapshot") == 3
        assert verify(census.store).passed


def test_the_validators_of_a_reading_that_was_not_whole_are_forgotten(sqlite_url: str) -> None:
    broken = openrouter(model("a"), b'{"id":"b","x":NaN}')
    with served(sqlite_url, Play(broken, conditional=True)) as (census, up):
        assert sync(census).status is SyncStatus.PARTIAL
        sync(census)
        assert "if-none-match" not in up.requests[1].headers


def test_what_is_gone_upstream_vanishes(database_url: str) -> None:
    with served(database_url, Play(THREE), Play(openrouter(model("a"), model("b")))) as (census, _):
        sync(census)
        assert sync(census).vanished == 1
        assert live(census) == {"a", "b"}


PAGES = Pages(count=25, entity=lambda n: b'{"id":"m%d"}' % n, limit=10)


def test_pages_are_followed_to_the_end(database_url: str) -> None:
    with (
        Upstream({"/models": PAGES}) as up,
        census_at(database_url, openrouter=SourceSettings(base_url=up.url)) as census,
    ):
        record = sync(census)
        assert (record.status, record.entities, len(up.requests)) == (SyncStatus.COMPLETE, 25, 3)


@pytest.mark.parametrize(
    "pages",
    [
        Pages(count=25, entity=PAGES.entity, limit=10, fault=Fault.SERVER_ERROR, fault_from=20),
        Pages(count=25, entity=PAGES.entity, limit=10, fault=Fault.CUT_WITH_LENGTH, fault_from=10),
        Pages(count=25, entity=PAGES.entity, limit=10, fault=Fault.TRUNCATED_JSON, fault_from=10),
        Pages(count=25, entity=PAGES.entity, limit=10, ends_at=20),
        Pages(count=25, entity=PAGES.entity, limit=10, shift=5),
    ],
)
def test_pages_that_break_off_remove_nothing(database_url: str, pages: Pages) -> None:
    with (
        Upstream({"/models": PAGES}) as up,
        census_at(database_url, openrouter=SourceSettings(base_url=up.url)) as census,
    ):
        sync(census)
        up.play("/models", pages)
        record = sync(census)
        assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert record.error
        assert record.hint
        assert len(live(census)) == 25


@pytest.mark.parametrize(
    "fault",
    [Fault.SERVER_ERROR, Fault.UNAUTHORIZED,
     Fault.NOT_FOUND, Fault.TOO_MANY, Fault.CLOSE_AT_ONCE, Fault.CUT_WITH_LENGTH,
     Fault.GZIP_BROKEN, Fault.REDIRECT_METADATA, Fault.NOT_HTTP],
)  # fmt: skip
def test_an_upstream_that_fails_is_a_failed_record_with_a_hint(sqlite_url: str, fault: Fault) -> None:
    with served(sqlite_url, Play(THREE), Play(THREE, fault=fault, seconds=0.01)) as (census, _):
        sync(census)
        record = sync(census)
        assert (record.status, record.entities) == (SyncStatus.FAILED, 0)
        assert record.error
        assert record.hint
        assert len(live(census)) == 3


@pytest.mark.parametrize(
    "fault", [Fault.HTML, Fault.ERROR_OBJECT, Fault.EMPTY_BODY, Fault.WRONG_TOP_LEVEL, Fault.TRUNCATED_JSON]
)
def test_an_answer_that_is_no_catalog_removes_nothing(sqlite_url: str, fault: Fault) -> None:
    with served(sqlite_url, Play(THREE), Play(THREE, fault=fault)) as (census, _):
        sync(census)
        record = sync(census)
        assert record.status in (SyncStatus.INCOMPLETE, SyncStatus.FAILED)
        assert record.hint
        assert len(live(census)) == 3


def test_a_failing_page_of_a_listing_without_a_total_removes_nothing(database_url: str) -> None:
    with served(database_url, Play(THREE)) as (census, up):
        sync(census)
        up.play("/models", [Play(openrouter(model("a"), model("b"), links={"next": f"{up.url}/gone"}))])
        record = sync(census)
        assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert live(census) == {"a", "b", "c"}


def test_after_a_failure_the_next_sync_is_whole_again(database_url: str) -> None:
    plays = (Play(THREE), Play(THREE, fault=Fault.SERVER_ERROR), Play(openrouter(model("a"), model("b"))))
    with served(database_url, *plays) as (census, _):
        statuses = [sync(census).status for _ in plays]
        assert statuses == [SyncStatus.COMPLETE, SyncStatus.FAILED, SyncStatus.COMPLETE]
        assert live(census) == {"a", "b"}
        assert verify(census.store).passed


def test_a_key_never_shows_in_a_record(sqlite_url: str) -> None:
    with Upstream({"/models": [Play(THREE, fault=Fault.UNAUTHORIZED)]}) as up:
        given = SourceSettings(base_url=up.url, key="sk-very-secret")
        with census_at(sqlite_url, openrouter=given) as census:
            record = sync(census)
        assert up.requests[0].headers["authorization"] == "Bearer sk-very-secret"
    assert "sk-very-secret" not in repr(record)


def test_without_network_the_installed_prices_are_used_once(database_url: str) -> None:
    away = SourceSettings(base_url=f"http://127.0.0.1:{closed_port()}/")
    with census_at(database_url, **{"genai-prices": away}) as census:
        record = sync(census, "genai-prices")
        assert (record.status, record.offline) == (SyncStatus.COMPLETE, True)
        assert record.entities > 500
        assert "data of 20" in record.origin
        assert record.error
        assert record.observed_at < record.started_at
        before = everything(census.store)
        again = sync(census, "genai-prices")
        assert (again.id, again.offline, again.observed_at) == (None, True, record.observed_at)
        assert everything(census.store) == before


def test_without_network_a_source_without_data_of_its_own_fails(sqlite_url: str) -> None:
    away = SourceSettings(base_url=f"http://127.0.0.1:{closed_port()}/")
    with census_at(sqlite_url, openrouter=away) as census:
        record = sync(census)
    assert (record.status, record.offline) == (SyncStatus.FAILED, False)
    assert record.hint


def test_sources_are_collected_side_by_side_and_one_failure_is_its_own(database_url: str) -> None:
    routes = {"/models": [Play(THREE)], "/api.json": [Play(b"", fault=Fault.SERVER_ERROR)], "/eu/models": [Play(THREE)]}
    with Upstream(routes) as up:
        given = {
            "openrouter": SourceSettings(base_url=up.url),
            "modelsdev": SourceSettings(base_url=up.url),
            "openrouter-eu": SourceSettings(adapter="openrouter", base_url=f"{up.url}/eu"),
        }
        with census_at(database_url, **given) as census:
            chosen = [census.sources[name] for name in given]
            records = {r.source: r.status for r in collect_all(census, chosen, categories=["model"])}
            assert verify(census.store).passed
    expected = {"openrouter": SyncStatus.COMPLETE, "modelsdev": SyncStatus.FAILED, "openrouter-eu": SyncStatus.COMPLETE}
    assert records == expected


def test_a_person_can_vouch_for_a_smaller_catalog(sqlite_url: str) -> None:
    eight = openrouter(*(model(name) for name in "abcdefgh"))
    with served(sqlite_url, Play(eight), Play(openrouter(model("a")))) as (census, _):
        assert [sync(census).status for _ in range(2)] == [SyncStatus.COMPLETE, SyncStatus.HELD]
        assert sync(census, accept_smaller=True).vanished == 7


def test_models_dev_is_read_from_its_address(sqlite_url: str) -> None:
    with (
        Upstream({"/api.json": [Play(modelsdev(a=["m"]))]}) as up,
        census_at(sqlite_url, modelsdev=SourceSettings(base_url=up.url)) as census,
    ):
        assert sync(census, "modelsdev").entities == 2
