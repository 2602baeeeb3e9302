"""The listing that OpenRouter's own pages read: every model record there is, long retired ones included.

It is undocumented. Its address was ``/api/frontend/models`` until 2026, then ``/api/frontend/v1/catalog/models``;
``data`` is a list or holds one as ``models``. Whatever is odd here is an error of the calls that read it, of no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelcensus.core import envelope, scan
from modelcensus.core.errors import SourceError, UpstreamBroken
from modelcensus.sources.adapter import Ask

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

_HINT = "it is undocumented and may have moved: set options.frontend of the source, or '' to leave it out"


def ask_frontend(ask: Ask) -> tuple[Answer, list[bytes]]:
    """The frontend's answer and the raw text of each record in it.

    Raises ``SourceError`` where it is switched off, cannot be read, is cut, empty or of another shape.
    """
    address = ask.options.get("frontend", "")
    if not address:
        raise SourceError("the frontend's listing is switched off", "set options.frontend of the source to read it")
    answer = ask.get(address)
    records = records_of(answer.body)
    if not records:
        raise UpstreamBroken("the frontend's listing is empty", _HINT)
    return answer, records


def records_of(body: bytes) -> list[bytes]:
    """The raw text of each record of a frontend's listing. Raises ``UpstreamBroken`` for one that is not whole."""
    listing = open_frontend(body)
    if listing.fault:
        raise UpstreamBroken(f"the frontend's listing has another shape: {listing.fault.place}", _HINT)
    if not listing.closed:
        raise UpstreamBroken("the frontend's listing ends in the middle", "nothing was removed; sync again later")
    return [bytes(raw) for raw in listing.items]


def open_frontend(body: bytes) -> envelope.Listing:
    """The list in ``{"data": [...]}`` or ``{"data": {"models": [...]}}``."""
    body = scan.trim(body)
    outer = scan.members(body) if scan.kind(body) == "object" else None
    inner = [raw for name, raw in zip(outer.names, outer.items, strict=True) if name == "data"] if outer else []
    if outer is None or len(inner) != 1 or scan.kind(inner[0]) != "object":
        return envelope.open_listing(body, "data")
    listing = envelope.open_listing(bytes(inner[0]), "models")
    listing.closed &= outer.closed
    return listing


def as_listing(records: list[bytes]) -> bytes:
    """Records as one page ``{"data": [...]}``, each as it came."""
    return b'{"data":[' + b",".join(records) + b"]}"
