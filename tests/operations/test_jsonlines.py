"""Lines of single entities, as older recorders keep them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelcensus.core.records import SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.replay import Imported, import_readings
from tests.builders import as_json, at, census_at, everything, model, openrouter, read


@pytest.fixture
def census(sqlite_url: str) -> Iterator[Census]:
    with census_at(sqlite_url) as opened:
        yield opened


def line(key: str, hours: int, *, category: str = "model", data: object = None) -> bytes:
    content = model(key, hours=hours) if data is None else data
    return as_json({"category": category, "key": key, "epoch": at(hours) // 1_000_000, "data": content})


def taken(census: Census, folder: Path, *lines: bytes) -> list[Imported]:
    path = folder / "snapshots.jsonl"
    path.write_bytes(b"\n".join(lines))
    return list(import_readings(census, census.sources["openrouter"], path))


def live(census: Census, hours: int) -> list[str]:
    return [version.key for version in browse.as_of(census.store, at(hours))]


def test_entities_of_one_time_are_one_reading_that_removes_nothing(census: Census, tmp_path: Path) -> None:
    read(census, openrouter(model("a"), model("b"), model("c")), 0)
    results = taken(census, tmp_path, line("a", 2), line("d", 1), line("b", 2))
    assert [(r.sync.status, r.sync.entities) for r in results if r.sync] == [
        (SyncStatus.INCOMPLETE, 1),
        (SyncStatus.INCOMPLETE, 2),
    ]
    assert live(census, 3) == ["a", "b", "c", "d"]
    assert [version.observed_at for version in browse.history(census.store, "a")] == [at(0), at(2)]


def test_entities_imported_again_change_nothing(census: Census, tmp_path: Path) -> None:
    taken(census, tmp_path, line("a", 1), line("b", 2))
    before = everything(census.store)
    assert [result.sync for result in taken(census, tmp_path, line("a", 1), line("b", 2))] == [None, None]
    assert everything(census.store) == before


def test_an_entity_of_a_category_or_key_that_cannot_be_is_quarantined_and_the_rest_is_kept(
    census: Census, tmp_path: Path
) -> None:
    taken(census, tmp_path, line("a", 1), line("x", 1, category="endpoint"), line("", 1), line("n", 1, data=5))
    assert live(census, 1) == ["a"]
    places = [found.place for found in browse.quarantine_list(census.store)]
    assert len(places) == 3
    assert any("endpoint" in place for place in places)
