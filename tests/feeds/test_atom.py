"""The changes as Atom."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from modelcensus.core.catalog.event import Moved
from modelcensus.core.catalog.model import StepKind
from modelcensus.feeds import atom
from tests.feeds.builders import NOON, event, material

ATOM = "{http://www.w3.org/2005/Atom}"


def read(body: bytes) -> ElementTree.Element:
    assert atom.refusals(body) == []
    return ElementTree.fromstring(body)


def test_an_entry_tells_what_changed_and_keeps_its_id() -> None:
    feed = read(atom.build(material(events=(event(2), event(1)))))
    entries = feed.findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}id") for each in entries] == [
        "urn:modelcensus:change:7-2",
        "urn:modelcensus:change:7-1",
    ]
    assert entries[0].findtext(f"{ATOM}title") == "openai/gpt-5 updated: price.input"
    assert entries[0].findtext(f"{ATOM}updated") == "2026-03-01T12:00:00Z"
    assert entries[0].findtext(f"{ATOM}content") == "price.input: 2 → 3"
    link = entries[0].find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == "https://census.example/api/models/openai/gpt-5"


def test_the_feed_is_as_new_as_its_newest_change() -> None:
    feed = read(atom.build(material(events=(event(2, at=NOON + 1_000_000), event(1)))))
    assert feed.findtext(f"{ATOM}updated") == "2026-03-01T12:00:01Z"


def test_a_census_without_changes_is_a_feed_without_entries() -> None:
    assert read(atom.build(material())).findtext(f"{ATOM}updated") == "2026-03-01T12:00:00Z"


def test_what_upstream_wrote_is_no_markup_and_no_character_that_xml_forbids() -> None:
    odd = event(
        kind=StepKind.NEW,
        model_id="a/<b>&\x00'\"",
        fields=(Moved(path="name", after="]]><script>\x08\ud800 " + "x" * 5000), Moved(path="inputs", after=["text"])),
    )
    feed = read(atom.build(material(events=(odd,))))
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "a/<b>&\ufffd'\" new"
    content = feed.findtext(f"{ATOM}entry/{ATOM}content") or ""
    assert content.startswith("name: not known → ]]><script>\ufffd\ufffd xxx")
    assert content.endswith('…\ninputs: not known → ["text"]')
    assert len(content) < 500


GOOD = atom.build(material(events=(event(1), event(2))))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<feed>", "no XML"),
        (b"<rss/>", "no Atom"),
        (GOOD.replace(b"<title>Model Census: changes</title>", b""), "feed has no title"),
        (GOOD.replace(b"<updated>", b"<updated>x"), "no time in updated"),
        (GOOD.replace(b"00Z</updated>", b"00</updated>"), "no zone"),
        (GOOD.replace(b"<author><name>Model Census</name></author>", b""), "no author"),
        (GOOD.replace(b"change:7-2", b"change:7-1"), "two entries have one id"),
    ],
)
def test_a_feed_that_a_reader_could_not_follow_is_refused(body: bytes, reason: str) -> None:
    assert reason in " ".join(atom.refusals(body))
