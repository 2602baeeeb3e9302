"""Feeds published: what a consumer would refuse is not, and the last good copy stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import FeedRefused, NotFound, StoreError
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.registry import FEEDS
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.operations.feeding import health, publishing, single
from modelcensus.operations.feeding.desk import Desk, material_of
from modelcensus.operations.feeding.publishing import feed_bytes, feed_named, made
from modelcensus.settings import Settings
from tests.builders import at, census_at, count, model, openrouter, read
from tests.operations.catalog_world import applied, merged


def ids(material: Material) -> list[str]:
    return [each.entry.model.id for each in material.edition.portraits]


def listed(material: Material) -> bytes:
    return json.dumps(ids(material)).encode()


def no_bad(document: bytes) -> list[str]:
    return [f"{name} is bad" for name in json.loads(document) if "bad" in name]


def a_feed(build: Callable[[Material], bytes] = listed, **more: Any) -> Feed:
    return Feed(
        name="plain", title="Plain", consumer="nobody", media_type="application/json", suffix="json", paths=("/plain",),
        build=build, refusals=no_bad, **more,
    )  # fmt: skip


FEED = a_feed()


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as opened:
        yield opened


def a_desk(census: Census, **more: Any) -> Desk:
    settings = Settings()
    return Desk(census, settings, Shelf(census, settings.access), **more)


@pytest.fixture
def desk(census: Census) -> Desk:
    return a_desk(census)


def test_a_feed_that_would_be_refused_leaves_the_last_good_copy(desk: Desk) -> None:
    store = desk.census.store
    applied(store, merged("lab/good"))
    good = feed_bytes(desk, FEED, Tier.FREE)
    applied(store, merged("lab/good"), merged("lab/bad"))
    kept = feed_bytes(desk, FEED, Tier.FREE)
    assert (kept.body, kept.revision, kept.made_at) == (good.body, 1, good.made_at)
    assert kept.stale == ("lab/bad is bad",)
    (refused,) = health.feeds_health(store)
    assert (refused.name, refused.tier, refused.revision, refused.reasons) == (
        "plain", Tier.FREE, 2, ("lab/bad is bad",),
    )  # fmt: skip


def test_a_feed_refused_again_and_again_is_so_since_the_first_time_and_a_good_one_ends_it(desk: Desk) -> None:
    store = desk.census.store
    applied(store, merged("lab/good"))
    feed_bytes(desk, FEED, Tier.FREE)
    applied(store, merged("lab/bad"))
    feed_bytes(desk, FEED, Tier.FREE)
    (first,) = health.feeds_health(store)
    applied(store, merged("lab/bad"), merged("lab/bad-2"))
    feed_bytes(desk, FEED, Tier.FREE)
    (second,) = health.feeds_health(store)
    assert (second.refused_at, second.revision, len(second.reasons)) == (first.refused_at, 3, 2)
    mended = a_feed(lambda made_of: listed(made_of).replace(b"bad", b"mended"))
    assert feed_bytes(desk, mended, Tier.FREE).stale == ()
    assert health.feeds_health(store) == []


def test_without_a_good_copy_a_refused_feed_is_an_error_with_the_reasons(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/bad"))
    with pytest.raises(FeedRefused) as caught:
        feed_bytes(desk, FEED, Tier.FREE)
    assert caught.value.reasons == ("lab/bad is bad",)
    assert "lab/bad is bad" in caught.value.message
    assert len(health.feeds_health(desk.census.store)) == 1


def test_the_good_copy_of_one_tier_is_not_answered_to_another(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/good"))
    feed_bytes(desk, FEED, Tier.ENTERPRISE)
    applied(desk.census.store, merged("lab/bad"))
    with pytest.raises(FeedRefused):
        feed_bytes(desk, FEED, Tier.FREE)


def test_the_same_bytes_keep_their_time_over_revisions_and_processes(desk: Desk) -> None:
    store = desk.census.store
    applied(store, merged("lab/good", price="2"))
    first = feed_bytes(desk, FEED, Tier.FREE)
    applied(store, merged("lab/good", price="3"))
    second = feed_bytes(a_desk(desk.census), FEED, Tier.FREE)
    assert (second.revision, second.made_at) == (2, first.made_at)
    applied(store, merged("lab/good", price="3"), merged("lab/new"))
    assert feed_bytes(desk, FEED, Tier.FREE).made_at > first.made_at


def test_an_answer_does_not_wait_for_its_copy_which_is_kept_once(census: Census) -> None:
    applied(census.store, merged("lab/good"))
    waiting: list[Callable[[], None]] = []
    desk = a_desk(census, later=waiting.append)
    assert feed_bytes(desk, FEED, Tier.FREE).stale == ()
    feed_bytes(desk, FEED, Tier.FREE)
    assert (len(waiting), count(census.store, "feed_copy")) == (1, 0)
    waiting.pop()()
    assert count(census.store, "feed_copy") == 1


def test_a_copy_that_could_not_be_kept_is_tried_again_by_the_next_reader(census: Census) -> None:
    applied(census.store, merged("lab/good"))
    waiting: list[Callable[[], None]] = []
    desk = a_desk(census, later=waiting.append)
    feed_bytes(desk, FEED, Tier.FREE)
    rename(census, "feed_copy", "lost")
    with pytest.raises(StoreError):
        waiting.pop()()
    rename(census, "lost", "feed_copy")
    feed_bytes(desk, FEED, Tier.FREE)
    waiting.pop()()
    assert count(census.store, "feed_copy") == 1


def rename(census: Census, table: str, name: str) -> None:
    with census.store.writing() as tx:
        tx.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


def test_a_feed_as_of_a_time_is_made_on_demand_and_not_kept(desk: Desk) -> None:
    census = desk.census
    read(census, openrouter(model("lab/one")))
    read(census, openrouter(model("lab/one"), model("lab/two")), 24)
    then = feed_bytes(desk, FEED, Tier.FREE, as_of=at(1))
    assert json.loads(then.body) == ["lab/one"]
    assert then.observed_at == at(0)
    assert json.loads(feed_bytes(desk, FEED, Tier.FREE, as_of=at(25)).body) == ["lab/one", "lab/two"]
    assert count(census.store, "feed_copy") == 0


def test_a_refused_feed_as_of_a_time_is_not_found_and_no_news(desk: Desk) -> None:
    read(desk.census, openrouter(model("lab/bad")))
    with pytest.raises(NotFound, match="lab/bad is bad"):
        feed_bytes(desk, FEED, Tier.FREE, as_of=at(1))
    assert health.feeds_health(desk.census.store) == []


def test_a_feed_lies_over_what_its_source_said_at_that_time_numbers_exact(desk: Desk) -> None:
    census = desk.census
    raw = b'{"id":"lab/one","name":"One","pricing":{"prompt":"0.1","completion":"0.1"},"odd":0.12345678901234567890123}'
    read(census, openrouter(raw))
    read(census, openrouter(model("lab/one", odd=2)), 24)
    over = a_feed(over="openrouter")
    assert str(material_of(desk, over, Tier.FREE, as_of=at(1)).beneath["lab/one"]["odd"]) == "0.12345678901234567890123"
    now = material_of(desk, over, Tier.FREE)
    assert (now.beneath["lab/one"]["odd"], now.sources) == (2, frozenset({"openrouter"}))
    read(census, openrouter(model("lab/one", odd=3)), 25)
    assert material_of(desk, over, Tier.FREE).beneath["lab/one"]["odd"] == 3
    assert material_of(desk, FEED, Tier.FREE).beneath == {}


def test_a_tier_gets_its_models_and_the_names_of_all_others_are_hidden(desk: Desk) -> None:
    store = desk.census.store
    applied(store, merged("lab/free"), merged("lab/pro"), merged("lab/off"))
    now = desk.census.clock()
    edit_one(store, "lab/free", {"enabled": True, "is_free": True}, "ann", now)
    edit_one(store, "lab/pro", {"enabled": True, "is_pro": True}, "ann", now)
    free, pro = (material_of(desk, FEED, tier) for tier in (Tier.FREE, Tier.PRO))
    assert (ids(free), free.hidden) == (["lab/free"], frozenset({"lab/pro", "lab/off"}))
    assert (ids(pro), pro.hidden) == (["lab/free", "lab/pro"], frozenset({"lab/off"}))


def test_a_feed_of_changes_is_given_the_latest_ones_of_the_tier(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/one", price="2"))
    applied(desk.census.store, merged("lab/one", price="3"))
    found = material_of(desk, a_feed(with_events=True), Tier.FREE).events
    assert [each.id for each in found] == ["2-1", "1-1"]
    assert material_of(desk, FEED, Tier.FREE).events == ()


def test_every_feed_can_be_made_of_no_and_of_one_model_and_the_listings_are_good(desk: Desk) -> None:
    listings = ("modelsdev", "openai", "openrouter", "openrouter-rss")
    for known in (b"", b"lab/one"):
        if known:
            applied(desk.census.store, merged("lab/one", **{"price.output": "3"}))
        found = {name: made(desk, feed, Tier.FREE) for name, feed in FEEDS.items()}
        assert {name: found[name].reasons for name in listings} == dict.fromkeys(listings, ())
        assert known in found["openrouter"].body


def test_one_model_is_told_to_whom_may_see_it_while_it_is_offered(desk: Desk) -> None:
    store = desk.census.store
    applied(store, merged("lab/one"), merged("lab/gone"))
    applied(store, merged("lab/one"), gone=["lab/gone"])
    assert json.loads(single.openai_model(desk, "lab/one", Tier.FREE).body)["id"] == "lab/one"
    for name in ("lab/gone", "lab/none", "\0"):
        with pytest.raises(NotFound):
            single.openrouter_endpoints(desk, name, Tier.FREE)


def test_the_state_of_every_feed_is_told_for_a_tier(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/one"))
    feed_bytes(desk, FEEDS["openai"], Tier.PRO)
    (state,) = [each for each in health.feed_states(desk.census.store, Tier.PRO) if each.name == "openai"]
    assert (state.published_revision, state.paths, state.reasons) == (1, ("/v1/models",), ())
    assert {each.published_revision for each in health.feed_states(desk.census.store, Tier.FREE)} == {None}


def test_a_feed_of_an_unknown_name_is_not_found_and_the_known_ones_are_named() -> None:
    with pytest.raises(NotFound) as caught:
        feed_named("opnrouter")
    assert "openrouter" in caught.value.hint
    assert publishing.feed_named("openrouter") is FEEDS["openrouter"]
