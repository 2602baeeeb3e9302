"""Compact: everything is answered as before, whatever happens meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.compacting import compact
from modelcensus.operations.diff import diff
from modelcensus.operations.verify import rebuild, verify
from modelcensus.store.catalog import listings
from tests.builders import at, census_at, count, model, openrouter, read, rows
from tests.store.test_verify import break_in

LONG = "a model that answers questions " * 1440


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    """Three readings: seventy models, of which some are altered, vanish and come back as they were."""
    with census_at(database_url) as opened:
        everything = [model(f"lab/{n}", description=f"model number {n} " * 9) for n in range(70)]
        read(opened, openrouter(*everything), 0)
        read(opened, openrouter(*everything[5:], model("lab/0", price="0.5")), 1)
        read(opened, openrouter(*everything, model("lab/long", description=LONG + "ü")), 2)
        yield opened


@pytest.fixture
def large(sqlite_url: str) -> Iterator[Census]:
    """Twelve bodies that fill four blocks."""
    with census_at(sqlite_url) as opened:
        read(opened, openrouter(*(model(f"lab/{n}", description=f"{n} {LONG}") for n in range(12))), 0)
        yield opened


def answers(census: Census) -> dict[str, Any]:
    """What every reader of bodies tells."""
    store = census.store
    with store.reading() as tx:
        pending = [(each.entity_id, each.snapshot) for each in listings.pending(tx, "openrouter", "model", 99)]
    return {
        "as of": [list(browse.as_of(store, at(hours))) for hours in (0, 0.5, 1, 2)],
        "history": [browse.history(store, f"lab/{n}") for n in range(6)],
        "field": browse.field_history(store, "lab/0", "pricing.prompt"),
        "changes": list(browse.changes(store, since=0)),
        "diff": list(diff(store, at(0), at(1))),
        "pending": pending,
        "verified": (verify(store).problems, verify(store).chain),
        "rebuilt": rebuild(store),
    }


def packed(census: Census) -> int:
    return int(rows(census.store, "SELECT count(*) FROM body WHERE block_id IS NOT NULL")[0][0])


def test_every_question_has_the_same_answer_after_compacting(census: Census) -> None:
    before = answers(census)
    done = compact(census.store, before=census.clock(), full=True)
    assert (done.bodies, packed(census), count(census.store, "dictionary")) == (72, 72, 1)
    assert answers(census) == before


def test_a_body_that_is_found_again_later_is_not_stored_again(census: Census) -> None:
    compact(census.store, before=census.clock())
    bodies = count(census.store, "body")
    found = read(census, openrouter(model("lab/0", price="0.5")), 3, accept_smaller=True)
    assert (found.altered, count(census.store, "body")) == (1, bodies)
    assert b'"0.5"' in bytes(browse.history(census.store, "lab/0")[-1].data or b"")


def test_an_older_reading_is_recorded_among_packed_bodies(census: Census) -> None:
    compact(census.store, before=census.clock())
    read(census, openrouter(model("lab/0", price="0.7")), 0.5)
    assert verify(census.store).passed
    prices = browse.field_history(census.store, "lab/0", "pricing.prompt")
    assert [each.value for each in prices] == ["0.000001", "0.7", "0.5", "0.000001"]


def test_what_a_younger_version_has_is_left_alone(census: Census) -> None:
    assert compact(census.store, before=at(2)).bodies == 71 - 5
    assert packed(census) == 66


def test_a_dry_run_tells_and_changes_nothing(large: Census) -> None:
    told = compact(large.store, before=large.clock(), dry_run=True)
    assert (told.bodies, told.blocks, packed(large), count(large.store, "block")) == (12, 4, 0, 0)


def test_a_file_gives_its_space_back(large: Census) -> None:
    done = compact(large.store, before=large.clock())
    assert done.given_back
    assert done.size_before - done.size_after > 200_000


def test_space_that_a_reader_still_needs_is_given_back_by_the_next_run(large: Census) -> None:
    with large.store.reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM body")).scalar() == 12
        first = compact(large.store, before=large.clock())
    second = compact(large.store, before=large.clock())
    assert (first.given_back, second.given_back) == (False, True)
    assert first.size_after - second.size_after > 200_000


def test_a_sync_in_the_middle_is_recorded_and_all_is_well(large: Census) -> None:
    def sync(_what: str, done: int, _total: int | None) -> None:
        if done == 6:
            read(large, openrouter(model("lab/new"), model("lab/11", description=f"11 {LONG}")), 1)

    compact(large.store, before=large.clock(), progress=sync)
    assert verify(large.store).passed
    assert [each.key for each in browse.as_of(large.store, at(1))].count("lab/new") == 1


def test_two_at_once_pack_every_body_once(large: Census) -> None:
    def again(_what: str, done: int, _total: int | None) -> None:
        if done == 3:
            compact(large.store, before=large.clock())

    first = compact(large.store, before=large.clock(), progress=again)
    assert (first.bodies, packed(large), count(large.store, "block")) == (3, 12, 4)
    assert verify(large.store).passed


KILLED = """
import os, signal, sys
from modelcensus.operations.compacting import compact
from modelcensus.store.engine import open_store
def die(what, done, total):
    if done == 6:
        os.kill(os.getpid(), signal.SIGKILL)
compact(open_store(sys.argv[1]), before=2**60, progress=die)
"""


def test_a_run_that_is_killed_loses_nothing_and_the_next_goes_on(large: Census) -> None:
    before = list(browse.as_of(large.store, at(0)))
    ended = subprocess.run([sys.executable, "-c", KILLED, large.store.url], timeout=60, check=False)
    assert (ended.returncode, packed(large)) == (-9, 6)
    assert verify(large.store).passed
    assert compact(large.store, before=large.clock()).bodies == 6
    assert list(browse.as_of(large.store, at(0))) == before


def test_a_body_without_its_hash_is_told_and_left_as_it_is(large: Census) -> None:
    break_in(large, "UPDATE body SET data = replace(data, '0.000001', '0.9') WHERE id = 2")
    done = compact(large.store, before=large.clock())
    assert (done.damaged, done.bodies) == ((2,), 11)
    assert any(line.startswith("body 2:") for line in verify(large.store).problems)
