"""Listings and aliases: nothing is translated twice, and no name is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import text

from modelcensus.core.catalog.listing import Listing, Offering
from modelcensus.core.catalog.model import Alias, Relation
from modelcensus.core.errors import StoreError
from modelcensus.operations.census import Census
from modelcensus.store.catalog import aliases, listings
from modelcensus.store.catalog.aliases import LinkDecision, Moved
from modelcensus.store.catalog.listings import Kept, Pending
from tests.builders import census_at, model, openrouter, read


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as opened:
        read(opened, openrouter(model("lab/a"), model("lab/b")), 0)
        yield opened


def pending(census: Census, version: int = 1) -> list[Pending]:
    with census.store.reading() as tx:
        return list(listings.pending(tx, "openrouter", "model", version))


def listing(found: Pending, **fields: object) -> Listing:
    snapshot = found.snapshot
    said = {name: getattr(snapshot, name) for name in ("source", "category", "key", "sha256", "observed_at")}
    return msgspec.convert({**said, **fields}, Listing)


def translated(census: Census, version: int = 1, **fields: object) -> int:
    """Translate what is pending, each with one offering; how many."""
    found = pending(census, version)
    kept = []
    for each in found:
        said = listing(each, **fields)
        offering = Offering(
            source=said.source, category=said.category, key=said.key, sha256=said.sha256,
            observed_at=said.observed_at, model_key=said.key, provider="host",
        )  # fmt: skip
        kept.append(Kept(entity_id=each.entity_id, sha256=said.sha256, listing=said, offerings=(offering,)))
    with census.store.writing() as tx:
        return listings.keep(tx, version, kept)


def keys(census: Census, *, excluded: bool = False) -> list[str]:
    with census.store.reading() as tx:
        return [each.key for each in listings.listings(tx, excluded=excluded)]


def test_what_is_new_is_pending_with_its_snapshot(census: Census) -> None:
    first = pending(census)[0].snapshot
    assert (first.key, first.data["pricing"]) == ("lab/a", {"prompt": "0.000001", "completion": "0.000002"})
    assert len(first.sha256) == 64


def test_what_was_translated_is_not_pending_again(census: Census) -> None:
    assert translated(census) == 2
    assert pending(census) == []


def test_only_what_upstream_altered_is_pending_again(census: Census) -> None:
    translated(census)
    read(census, openrouter(model("lab/a"), model("lab/b", price="0.000009")), 1)
    assert [each.snapshot.key for each in pending(census)] == ["lab/b"]


def test_another_version_of_the_translator_makes_all_pending(census: Census) -> None:
    translated(census, 1)
    assert len(pending(census, 2)) == 2


def test_what_was_kept_is_read_back(census: Census) -> None:
    translated(census, name="A")
    with census.store.reading() as tx:
        found = list(listings.listings(tx))
        offered = list(listings.offerings(tx, model_key="lab/b"))
    assert [each.name for each in found] == ["A", "A"]
    assert [each.provider for each in offered] == ["host"]


def test_translating_again_replaces_listing_and_offerings(census: Census) -> None:
    translated(census, 1, name="A")
    translated(census, 2, name="B")
    with census.store.reading() as tx:
        assert [each.name for each in listings.listings(tx)] == ["B", "B"]
        assert len(list(listings.offerings(tx))) == 2


def test_what_vanished_says_nothing_any_more(census: Census) -> None:
    translated(census)
    read(census, openrouter(model("lab/a"), model("lab/x"), model("lab/y")), 1)
    with census.store.writing() as tx:
        assert listings.forget_vanished(tx) == 1
    assert keys(census) == ["lab/a"]


def test_what_a_filter_leaves_out_is_read_only_on_request(census: Census) -> None:
    translated(census, text_llm=False, excluded="embeddings")
    assert (keys(census), keys(census, excluded=True)) == ([], ["lab/a", "lab/b"])


def test_what_cannot_be_translated_is_listed_with_reason_and_hint(census: Census) -> None:
    found = pending(census)[0]
    with census.store.writing() as tx:
        kept = Kept(entity_id=found.entity_id, sha256=found.snapshot.sha256, reason="no name", hint="look")
        listings.keep(tx, 1, [kept])
        (refused,) = listings.refused(tx)
    assert (refused.key, refused.reason, refused.hint, refused.excluded) == ("lab/a", "no name", "look", False)
    assert [each.snapshot.key for each in pending(census)] == ["lab/b"]


def alias(key: str, model_id: str = "lab/a", at: int = 0) -> Alias:
    return Alias(
        source="s", key=key, model_id=model_id, relation=Relation.SAME, evidence="same id", confidence=90,
        decided_by="rule", valid_from=at,
    )  # fmt: skip


def keep(census: Census, at: int, *found: Alias) -> Moved:
    with census.store.writing() as tx:
        return aliases.keep(tx, found, at)


def test_an_alias_that_stays_the_same_keeps_the_time_it_began(census: Census) -> None:
    keep(census, 10, alias("x"))
    assert keep(census, 20, alias("x")) == Moved(0, 0)
    with census.store.reading() as tx:
        assert [(each.key, each.valid_from) for each in aliases.current(tx)] == [("x", 10)]


def test_an_alias_that_moves_to_another_model_ends_and_begins(census: Census) -> None:
    keep(census, 10, alias("x"))
    assert keep(census, 20, alias("x", "lab/b")) == Moved(1, 1)
    with census.store.reading() as tx:
        assert [each.model_id for time in (15, 20) for each in aliases.current(tx, at=time)] == ["lab/a", "lab/b"]
        assert [each.valid_to for each in aliases.of_key(tx, "x")] == [None, 20]
        assert aliases.of_model(tx, "lab/a") == []


def test_an_alias_that_is_gone_ends_and_is_still_known(census: Census) -> None:
    keep(census, 10, alias("x"))
    keep(census, 20)
    with census.store.reading() as tx:
        assert aliases.current(tx) == []
        assert aliases.of_key(tx, "x") == [msgspec.structs.replace(alias("x", at=10), valid_to=20)]


def test_an_alias_that_ended_cannot_be_changed(census: Census) -> None:
    keep(census, 10, alias("x"))
    keep(census, 20)
    for statement in ("UPDATE alias SET valid_to = 30", "DELETE FROM alias"):
        with pytest.raises(StoreError), census.store.writing() as tx:
            tx.execute(text(statement))


def test_what_people_decided_of_a_name_is_kept_for_ever_in_order(census: Census) -> None:
    said = [
        LinkDecision(source="s", key="x", model_id="lab/a", linked=True, actor="ann", reason="docs", at=1),
        LinkDecision(source="s", key="x", model_id=None, linked=False, actor="bob", reason="wrong", at=2),
    ]
    with census.store.writing() as tx:
        for decision in said:
            aliases.decide(tx, decision)
        assert aliases.decisions(tx) == said
    for statement in ("UPDATE link_decision SET actor = 'x'", "DELETE FROM link_decision"):
        with pytest.raises(StoreError), census.store.writing() as tx:
            tx.execute(text(statement))
