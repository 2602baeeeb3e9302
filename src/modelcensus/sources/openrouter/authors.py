"""Authors: who makes models, gathered from the frontend's listing. No documented call lists them."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modelcensus.core import canonical
from modelcensus.core.canonical import Malformed
from modelcensus.core.check import Required
from modelcensus.core.errors import UpstreamBroken
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Split, key_problem
from modelcensus.sources.adapter import Ask
from modelcensus.sources.openrouter.frontend import as_listing, ask_frontend
from modelcensus.sources.openrouter.keyed import split_data, text_of
from modelcensus.sources.openrouter.records import Author

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

_MEMBER = "author"


def fetch(ask: Ask) -> Iterator[Answer]:
    """The authors of the frontend's listing as one page, by slug.

    The listing is asked for once more than the orphans need, so that either call can do without the other.
    Raises ``SourceError``.
    """
    answer, records = ask_frontend(ask)
    yield dataclasses.replace(answer, body=as_listing(authors(records)))


def authors(records: list[bytes]) -> list[bytes]:
    """One entity for each author: its slug, and each ``author...`` member as most of its records have it.

    Raises ``UpstreamBroken`` for a record that cannot be read: it might be the only one of its author.
    """
    votes: dict[str, dict[str, Counter[bytes]]] = defaultdict(lambda: defaultdict(Counter))
    for raw in records:
        try:
            record = canonical.decode(raw)
            slug = _author(record)
            if slug is None:
                continue
            said = votes[slug]
            for name, value in record.items():
                if name.startswith(_MEMBER):
                    said[name][canonical.encode(value)] += 1
        except Malformed as error:
            raise UpstreamBroken(
                f"a record of the frontend's listing cannot be read: {error.fault.kind} at {error.fault.place}",
                "report it to OpenRouter; no author was removed",
            ) from None
    return [_entity(slug, votes[slug]) for slug in sorted(votes)]


def _author(record: Any) -> str | None:
    """The author of a record: what it says, or else what comes before the slash of its slug."""
    if not isinstance(record, dict):
        raise Malformed(Fault(FaultKind.NOT_AN_OBJECT, type(record).__name__))
    owner, mark, _ = (text_of(record, "slug") or "").lstrip("~").partition("/")
    slug = text_of(record, _MEMBER) or (owner if mark else None)
    return slug if slug and not key_problem(slug) else None


def _entity(slug: str, votes: dict[str, Counter[bytes]]) -> bytes:
    members = {name: _most(counted) for name, counted in votes.items()}
    parts = [canonical.encode(name) + b":" + value for name, value in sorted(members.items())]
    return b"{" + b",".join([b'"slug":' + canonical.encode(slug), *parts]) + b"}"


def _most(counted: Counter[bytes]) -> bytes:
    """The value seen most often, anything rather than null; of equals the first by its text."""
    told = {value: times for value, times in counted.items() if value != b"null"} or counted
    return min(told, key=lambda value: (-told[value], value))


def split(body: bytes) -> Split:
    """``{"data": [{"slug": ..., "author_display_name": ...}]}``. An author's key is its slug."""
    return split_data(body, "author", _slug)


def _slug(author: dict[str, Any]) -> object:
    return author.get("slug")


AUTHORS = Document(
    category="author",
    covers=("author",),
    split=split,
    records={"author": Author},
    enums={"author": ("author_flagship_modalities[]",)},
    checks={"author": (Required("author_display_name"),)},
)
