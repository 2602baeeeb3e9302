"""Readings that were interrupted go on where they stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect
from modelcensus.settings import SourceSettings
from modelcensus.upstream import Fault, Pages, Upstream
from tests.builders import as_json, census_at, model

COUNT, PAGE = 50, 10


def entity(index: int) -> bytes:
    return as_json(model(f"lab/{index:03}"))


PAGES = Pages(count=COUNT, entity=entity, limit=PAGE)


@contextmanager
def served(url: str, journals: Path | None, pages: Pages = PAGES) -> Iterator[tuple[Census, Upstream]]:
    """A census whose OpenRouter gives its models in pages."""
    with Upstream({"/models": pages}) as up, census_at(url, openrouter=SourceSettings(base_url=up.url)) as census:
        yield msgspec.structs.replace(census, journals=journals), up


def sync(census: Census, *, afresh: bool = False) -> SyncRecord:
    return collect(census, census.sources["openrouter"], afresh=afresh)


def offsets(up: Upstream) -> list[int]:
    """Where the pages that were asked for begin."""
    return [request.number("offset", 0) for request in up.requests]


def live(census: Census) -> list[str]:
    return [version.key for version in browse.as_of(census.store, census.clock())]


def breaks_at(offset: int, fault: Fault = Fault.SERVER_ERROR) -> Pages:
    """The same catalog, failing from a page on."""
    return Pages(count=COUNT, entity=entity, limit=PAGE, fault=fault, fault_from=offset)


def test_the_next_sync_asks_only_for_the_pages_that_are_missing(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path, breaks_at(30)) as (census, up):
        first = sync(census)
        assert (first.status, first.entities) == (SyncStatus.INCOMPLETE, 30)
        up.play("/models", PAGES)
        asked = len(up.requests)
        second = sync(census)
        assert (second.status, second.entities) == (SyncStatus.COMPLETE, COUNT)
        assert offsets(up)[asked:] == [30, 40]
        assert live(census) == [f"lab/{n:03}" for n in range(COUNT)]
        assert list(tmp_path.glob("*.journal")) == []


def test_a_third_try_knows_the_pages_of_both_before(sqlite_url: str, tmp_path: Path) -> None:
    with served(sqlite_url, tmp_path, breaks_at(20)) as (census, up):
        sync(census)
        up.play("/models", breaks_at(40))
        sync(census)
        up.play("/models", PAGES)
        asked = len(up.requests)
        assert sync(census).status is SyncStatus.COMPLETE
        assert offsets(up)[asked:] == [40]


def test_a_place_that_upstream_has_forgotten_makes_the_reading_begin_anew(sqlite_url: str, tmp_path: Path) -> None:
    with served(sqlite_url, tmp_path, breaks_at(30)) as (census, up):
        sync(census)
        refused = breaks_at(30, Fault.BAD_REQUEST)
        turns = iter([refused, *[PAGES] * COUNT])
        up.play("/models", lambda request: next(turns)(request))
        asked = len(up.requests)
        assert sync(census).status is SyncStatus.COMPLETE
        assert offsets(up)[asked:] == [30, 0, 10, 20, 30, 40]


def test_afresh_asks_for_everything_again(sqlite_url: str, tmp_path: Path) -> None:
    with served(sqlite_url, tmp_path, breaks_at(30)) as (census, up):
        sync(census)
        up.play("/models", PAGES)
        asked = len(up.requests)
        assert sync(census, afresh=True).status is SyncStatus.COMPLETE
        assert offsets(up)[asked:] == [0, 10, 20, 30, 40]


@pytest.mark.parametrize("changed", ["too long ago", "another base", "a good sync between"])
def test_pages_of_another_time_or_place_are_not_gone_on_with(sqlite_url: str, tmp_path: Path, changed: str) -> None:
    with served(sqlite_url, tmp_path, breaks_at(30)) as (census, up):
        sync(census)
        up.play("/models", PAGES)
        if changed == "too long ago":
            census = msgspec.structs.replace(census, resume_microseconds=0)
        elif changed == "another base":
            source = msgspec.structs.replace(census.sources["openrouter"], base_url=f"{up.url}/")
            census = msgspec.structs.replace(census, sources={"openrouter": source})
        else:
            sync(msgspec.structs.replace(census, journals=None))
        asked = len(up.requests)
        assert sync(census).status is SyncStatus.COMPLETE
        assert offsets(up)[asked:] == [0, 10, 20, 30, 40]


def test_without_a_folder_for_journals_every_reading_begins_anew(sqlite_url: str) -> None:
    with served(sqlite_url, None, breaks_at(30)) as (census, up):
        sync(census)
        up.play("/models", PAGES)
        assert sync(census).status is SyncStatus.COMPLETE
        assert offsets(up).count(0) == 2
