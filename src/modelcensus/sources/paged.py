"""Listings in pages that are continued by a cursor: how all of them are asked for, and how one is taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core import scan
from modelcensus.core.envelope import Listing, Raw, open_listing
from modelcensus.core.errors import UpstreamBroken
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Slice, Split
from modelcensus.sources.adapter import Ask

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

MAX_PAGES = 100_000
MAX_CURSOR_CHARS = 4096
_BLANK = (b"null", b"false", b'""')


def pages(
    ask: Ask, path: str, params: Sequence[tuple[str, str]], parameter: str, cursor_of: Callable[[bytes], str | None]
) -> Iterator[Answer]:
    """All pages of a listing. ``cursor_of`` gives what to send back as ``parameter`` for the next one, None at the end.

    Raises ``UpstreamBroken`` where a cursor leads back to a page that was read, and after ``MAX_PAGES``.
    """
    sent: set[str] = set()
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        answer = ask.get(path, params if cursor is None else [*params, (parameter, cursor)])
        yield answer
        cursor = None if answer.not_modified else cursor_of(answer.body)
        if cursor is None:
            return
        if cursor in sent:
            raise UpstreamBroken(
                f"the pages go in a circle: '{parameter}' would be sent a second time with the same value",
                "nothing was removed; check that the base URL is the API itself and not a proxy that drops parameters",
            )
        if len(cursor) > MAX_CURSOR_CHARS:
            raise UpstreamBroken(
                f"the next page's '{parameter}' has {len(cursor)} characters",
                "nothing was removed; check that the base URL is the right one",
            )
        sent.add(cursor)
    raise UpstreamBroken(f"more than {MAX_PAGES} pages", "nothing was removed; ask for larger pages")


def opened(body: bytes, member: str) -> Listing:
    """The array at ``member`` of an object. A bare array is no page: it cannot say whether more follows."""
    if scan.kind(text := scan.trim(body)) == "array":
        return Listing(closed=False, fault=Fault(FaultKind.WRONG_TOP_LEVEL, "a bare array", text))
    return open_listing(body, member)


def is_set(raw: Raw | None) -> bool:
    """Whether a member that says how a listing goes on is there, and neither null, false nor an empty text."""
    return raw is not None and bytes(raw).strip() not in _BLANK


def text_in(raw: Raw | None) -> str | None:
    """The text that a member holds, or None if it holds none."""
    try:
        return msgspec.json.decode(raw, type=str) if raw is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def taken_apart(listing: Listing, items: Iterable[Slice | Fault], *, more: bool) -> Split:
    """One page's entities and faults; ``more``: the page says that another one follows."""
    if listing.fault:
        return Split(faults=[listing.fault], truncated=True)
    found = Split(more=more, truncated=not listing.closed)
    item: Slice | Fault | None = None
    for item in items:
        if isinstance(item, Fault):
            found.faults.append(item)
        else:
            found.slices.append(item)
    if found.truncated and isinstance(item, Fault):
        found.faults[-1] = msgspec.structs.replace(item, kind=FaultKind.TRUNCATED)
    return found
