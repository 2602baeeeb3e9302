"""Bodies move into blocks and nowhere else; a block that cannot be read is named."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from modelcensus.core.errors import StoreDamaged
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.compacting import compact
from modelcensus.operations.verify import verify
from modelcensus.store import blocks_packing as packing
from modelcensus.store.blocks import Cache, Unpacked, inflated
from tests.builders import at, census_at, count, model, openrouter, read
from tests.store.test_verify import break_in

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    """Three packed bodies of two models in one block, and one that is not packed."""
    with census_at(database_url) as opened:
        read(opened, openrouter(model("a"), model("b")), 0)
        read(opened, openrouter(model("a", n=1), model("b")), 1)
        compact(opened.store, before=opened.clock())
        read(opened, openrouter(model("a", n=2), model("b")), 2)
        yield opened


REFUSED = {
    "another text": "UPDATE body SET data = '{}' WHERE id = 4",
    "another hash": "UPDATE body SET hash = (SELECT hash FROM block) WHERE id = 4",
    "another id": "UPDATE body SET id = 40 WHERE id = 4",
    "no text and no block": "UPDATE body SET data = '' WHERE id = 4",
    "a block beside its text": "UPDATE body SET block_id = 1, place = 0 WHERE id = 4",
    "a block that is not there": "UPDATE body SET data = '', block_id = 9, place = 0 WHERE id = 4",
    "a place that the block does not have": "UPDATE body SET data = '', block_id = 1, place = 3 WHERE id = 4",
    "no place": "UPDATE body SET data = '', block_id = 1 WHERE id = 4",
    "another hash on the way": (
        "UPDATE body SET data = '', block_id = 1, place = 0, hash = (SELECT hash FROM block) WHERE id = 4"
    ),
    "another place": "UPDATE body SET place = 1 WHERE id = 1",
    "out of its block": "UPDATE body SET data = '{}', block_id = NULL, place = NULL WHERE id = 1",
    "a packed body deleted": "DELETE FROM body WHERE id = 1",
    "a body deleted": "DELETE FROM body WHERE id = 4",
    "a block altered": "UPDATE block SET size = 1",
    "a block deleted": "DELETE FROM block",
    "a dictionary deleted": "DELETE FROM dictionary WHERE id = 1",
}


def test_every_other_change_of_a_body_or_block_is_refused(census: Census) -> None:
    with census.store.writing() as tx:
        tx.execute(
            text(
                "INSERT INTO dictionary (id, source_id, category, hash, data)"
                " SELECT 1, 1, 'model', hash, data FROM block"
            )
        )
    allowed = []
    for name, statement in REFUSED.items():
        try:
            with census.store.writing() as tx:
                tx.execute(text(statement))
        except StoreDamaged:
            continue
        allowed.append(name)
    assert allowed == []
    assert verify(census.store).passed


def test_a_body_that_moves_into_a_block_is_let_through(census: Census) -> None:
    assert compact(census.store, before=census.clock()).bodies == 1
    assert verify(census.store).passed


def test_a_block_whose_bodies_somebody_else_has_packed_meanwhile_is_not_stored(census: Census) -> None:
    with census.store.reading() as tx:
        block = packing.packed(packing.plain(tx, [4]), None)
    compact(census.store, before=census.clock())
    with census.store.writing() as tx:
        assert packing.move(tx, block) is None
    assert count(census.store, "block") == 2


DAMAGE = {
    "a frame cut short": "UPDATE block SET data = substr(data, 1, length(data) - 5)",
    "no frame at all": "UPDATE block SET data = hash",
    "another hash": "UPDATE block SET hash = (SELECT hash FROM body WHERE id = 1)",
    "a size too large": "UPDATE block SET size = 1000000000000",
    "a size too small": "UPDATE block SET size = size - 1",
}


def test_verify_and_readers_name_a_block_that_cannot_be_read(census: Census) -> None:
    untold = []
    with census.store.reading() as tx:
        good = tx.execute(text("SELECT hash, size, data FROM block")).one()
    for name, statement in DAMAGE.items():
        break_in(census, statement)
        found = " ".join(verify(census.store).problems)
        if not found.startswith("block 1: ") or "3 bodies are in it, from body 1 on" not in found:
            untold.append((name, found))
        with census.store.writing() as tx:
            tx.execute(
                text("UPDATE block SET hash = :hash, size = :size, data = :data"),
                {"hash": bytes(good[0]), "size": good[1], "data": bytes(good[2])},
            )
    assert untold == []


def test_a_question_that_needs_a_broken_block_names_it(census: Census) -> None:
    # Its hash is changed too, so that no block which this process has unpacked answers for it.
    break_in(census, "UPDATE block SET hash = (SELECT hash FROM body WHERE id = 1)")
    with pytest.raises(StoreDamaged, match="block 1 of packed bodies cannot be read"):
        list(browse.as_of(census.store, at(0)))


def test_verify_names_a_body_at_the_wrong_place(census: Census) -> None:
    break_in(census, "UPDATE body SET place = 2 - place WHERE block_id = 1")
    assert any(line.startswith("body 1: its text in block 1") for line in verify(census.store).problems)


def test_a_frame_that_unpacks_to_more_than_it_says_is_not_unpacked() -> None:
    bomb = zstd.compress(bytes(50_000_000))
    with pytest.raises(ValueError, match="does not unpack to its 1000 bytes"):
        inflated(bomb, 1000, None)


def test_unpacked_blocks_are_kept_up_to_a_limit_and_the_last_used_longest() -> None:
    cache = Cache(limit=100)
    for key in (b"a", b"b"):
        cache.put(key, Unpacked([b"x"], 50))
    cache.get(b"a")
    cache.put(b"c", Unpacked([b"x"], 50))
    assert [key for key in (b"a", b"b", b"c") if cache.get(key)] == [b"a", b"c"]
    cache.put(b"d", Unpacked([b"x"], 101))
    assert (cache.get(b"d"), cache.size) == (None, 100)
