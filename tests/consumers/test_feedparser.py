"""A feed reader's parser, pointed at the changes of a served census."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelcensus.operations.catalog.catalog import update
from tests.builders import at, census_at, model, openrouter, read
from tests.web.serving import ask, served

with warnings.catch_warnings():
    # It imports what Python has deprecated.
    warnings.simplefilter("ignore")
    import feedparser  # type: ignore[import-untyped]  # it ships no types

ODD = "lab/<two> & 'more'"


@pytest.fixture(scope="module")
def read_feed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("atom")
    with census_at(f"sqlite:///{folder / 'census.db'}") as census:
        read(census, openrouter(model("lab/one", price="0.000001"), model(ODD)))
        update(census, now=at(1))
        read(census, openrouter(model("lab/one", price="0.0000015"), model(ODD)), 24)
        update(census, now=at(25))
        with served(census) as address:
            answer = ask(address, "/feeds/changes.atom")
            assert answer.status_code == 200, answer.text
            yield feedparser.parse(answer.content, response_headers={"content-type": answer.headers["content-type"]})


def test_a_feed_reader_finds_nothing_wrong(read_feed: Any) -> None:
    assert (read_feed.bozo, read_feed.version, read_feed.feed.title) == (False, "atom10", "Model Census: changes")


def test_a_feed_reader_finds_the_newest_change_first_with_what_changed(read_feed: Any) -> None:
    newest = read_feed.entries[0]
    assert newest.id == "urn:modelcensus:change:2-1"
    assert newest.title == "lab/one updated: price.input"
    assert newest.content[0].value == "price.input: 1 → 1.5"
    assert newest.updated_parsed == time.gmtime(at(25) // 1_000_000)
    assert newest.link.endswith("/api/models/lab/one")


def test_a_feed_reader_gets_odd_names_as_they_are(read_feed: Any) -> None:
    assert [entry.title for entry in read_feed.entries if ODD in entry.title] == [f"{ODD} new"]
    assert len({entry.id for entry in read_feed.entries}) == len(read_feed.entries) == 3
