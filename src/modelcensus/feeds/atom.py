"""The changes of the catalog as Atom (RFC 4287, https://www.rfc-editor.org/rfc/rfc4287), newest first."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import msgspec

from modelcensus.core.catalog.event import Event, Moved
from modelcensus.core.times import iso
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.portraits import in_path, moment_of

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 400
"""Characters of one value that are shown."""
_SHOWN = 3
"""Fields that a title names."""


def build(material: Material) -> bytes:
    """An entry for each model that a revision touched. Ids never change: they are made of revision and position."""
    address = material.address
    feed = Element("feed", {"xmlns": _ATOM})
    _add(feed, "id", "urn:modelcensus:changes")
    _add(feed, "title", "Model Census: changes")
    newest = max((each.at for each in material.events), default=moment_of(material.edition))
    _add(feed, "updated", iso(newest))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{address}/feeds/changes.atom"})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{address}/"})
    _add(SubElement(feed, "author"), "name", "Model Census")
    for event in material.events:
        _entry(feed, event, address)
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(feed: Element, event: Event, address: str) -> None:
    entry = SubElement(feed, "entry")
    _add(entry, "id", f"urn:modelcensus:change:{event.id}")
    _add(entry, "title", _title(event))
    _add(entry, "updated", iso(event.at))
    _add(entry, "published", iso(event.at))
    place = f"{address}/api/models/{in_path(_clean(event.model_id))}"
    # Without a type: readers take only a page for where an entry is.
    SubElement(entry, "link", {"rel": "alternate", "href": place})
    for scheme, term in (("kind", event.kind.value), ("provider", event.provider)):
        if term:
            SubElement(entry, "category", {"term": _clean(term), "scheme": f"urn:modelcensus:{scheme}"})
    _add(entry, "content", "\n".join(map(_line, event.fields)) or event.kind.value, type="text")


def _title(event: Event) -> str:
    paths = [each.path for each in event.fields]
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    what = f": {', '.join(paths[:_SHOWN])}{more}" if paths and event.kind.value == "updated" else ""
    return f"{event.model_id} {event.kind.value}{what}"


def _line(moved: Moved) -> str:
    return f"{moved.path}: {_value(moved.before)} → {_value(moved.after)}"


def _value(value: Any) -> str:
    if value is msgspec.UNSET:
        return "not known"
    shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _add(parent: Element, name: str, content: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = _clean(content)


def _clean(content: str) -> str:
    """Without characters that no XML can hold, not even escaped."""
    return _NOT_XML.sub("\ufffd", content)


def refusals(document: bytes) -> list[str]:
    """What RFC 4287 demands of a feed and of every entry: id, title and updated, an author, and ids that differ."""
    try:
        # Our own bytes without any entity of a document type: nothing can be expanded or fetched.
        feed = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        return [f"it is no XML: {error}"]
    if feed.tag != f"{{{_ATOM}}}feed":
        return ["it is no Atom feed"]
    entries = feed.findall(f"{{{_ATOM}}}entry")
    reasons = [problem for each in (feed, *entries) for problem in _problems(each)]
    if feed.find(f"{{{_ATOM}}}author/{{{_ATOM}}}name") is None:
        reasons.append("the feed has no author")
    ids = [each.findtext(f"{{{_ATOM}}}id") for each in entries]
    return [*reasons, "two entries have one id"] if len(set(ids)) < len(ids) else reasons


def _problems(element: Element) -> list[str]:
    kind = element.tag.rpartition("}")[2]
    missing = [name for name in ("id", "title", "updated") if not element.findtext(f"{{{_ATOM}}}{name}")]
    if missing:
        return [f"the {kind} has no {missing[0]}"]
    updated = element.findtext(f"{{{_ATOM}}}updated") or ""
    try:
        moment = datetime.fromisoformat(updated)
    except ValueError:
        return [f"the {kind} has no time in updated: {updated[:40]}"]
    return [] if moment.tzinfo else [f"the {kind}'s updated has no zone"]


FEED = Feed(
    name="atom",
    title="Changes as Atom",
    consumer="feed readers: subscribe to the address",
    media_type="application/atom+xml; charset=utf-8",
    suffix="atom",
    paths=("/feeds/changes.atom",),
    build=build,
    refusals=refusals,
    with_events=True,
)
