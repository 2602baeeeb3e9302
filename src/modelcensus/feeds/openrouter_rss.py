"""OpenRouter's list of models as RSS, newest first: ``GET /api/v1/models?use_rss=true``.

RSS 2.0, https://www.rssboard.org/rss-specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.openrouter import rows
from modelcensus.feeds.portraits import in_path

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build(material: Material) -> bytes:
    """One item a model of the OpenRouter feed."""
    found = sorted(rows(material), key=lambda row: (-row["created"], row["id"]))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0"><channel>',
        _tag("title", "Models of the census"),
        _tag("link", f"{material.address}/api/v1/models"),
        _tag("description", "The models whose price and context are known, newest first"),
        *(line for row in found for line in _item(row, material.address)),
        "</channel></rss>\n",
    ]
    return "\n".join(lines).encode()


def _item(row: dict[str, Any], address: str) -> Iterator[str]:
    yield "<item>"
    yield _tag("title", row["name"])
    yield _tag("link", f"{address}/api/models/{in_path(row['id'])}")
    yield f'<guid isPermaLink="false">{_shown(row["id"])}</guid>'
    yield _tag("pubDate", formatdate(row["created"], usegmt=True))
    yield _tag("description", row["description"])
    yield "</item>"


def _tag(name: str, content: str) -> str:
    return f"<{name}>{_shown(content)}</{name}>"


def _shown(content: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", content))


def refusals(document: bytes) -> list[str]:
    """A reader takes well-formed RSS, each item with a title and an id."""
    try:
        # Our own bytes without any entity of a document type: nothing can be expanded or fetched.
        items = ElementTree.fromstring(document).findall("channel/item")
    except ElementTree.ParseError as error:
        return [f"it is no XML: {error}"]
    return [] if all(each.findtext("title") and each.findtext("guid") for each in items) else ["an item has no title"]


FEED = Feed(
    name="openrouter-rss",
    title="Models as RSS",
    consumer="feed readers: subscribe to the address",
    media_type="application/rss+xml",
    suffix="rss",
    paths=("/feeds/models.rss",),
    build=build,
    refusals=refusals,
    over="openrouter",
)
