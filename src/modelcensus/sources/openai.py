"""OpenAI: ``GET /v1/models`` (https://developers.openai.com/api/reference/resources/models/methods/list)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.check import Date, Required, Severity
from modelcensus.core.envelope import Listing
from modelcensus.core.errors import UpstreamBroken
from modelcensus.core.reading import Document, Slice, Split, slice_by_id
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call
from modelcensus.sources.paged import is_set, opened, pages, taken_apart, text_in

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


class Model(msgspec.Struct):
    """One model; ``created`` in seconds since 1970, ``shutdown_date`` as ``YYYY-MM-DD`` where one is announced."""

    id: str
    object: str | None = None
    created: int | None = None
    owned_by: str | None = None
    shutdown_date: str | None = None


def fetch(ask: Ask) -> Iterator[Answer]:
    """The listing. It comes whole; ``has_more`` and ``after``, as in OpenAI's other listings, are followed if given."""
    return pages(ask, "models", list(ask.query.items()), "after", last_id)


def split(body: bytes) -> Split:
    """One page of ``{"object": "list", "data": [{"id": ...}], "has_more": false}``."""
    listing = opened(body, "data")
    return taken_apart(listing, slice_by_id(listing.items, "model"), more=is_set(listing.beside.get("has_more")))


def last_id(body: bytes) -> str | None:
    """The id after which the listing goes on, None if this page is the last.

    Raises ``UpstreamBroken`` if there is more, and no id after which to ask for it.
    """
    listing = opened(body, "data")
    if not is_set(listing.beside.get("has_more")):
        return None
    found = text_in(listing.beside.get("last_id")) or _id_of_last(listing)
    if not found:
        raise UpstreamBroken(
            "the listing says that more follows and not after what",
            "nothing was removed; check that the base URL is the right one",
        )
    return found


def _id_of_last(listing: Listing) -> str | None:
    last = next(slice_by_id(listing.items[-1:], "model"), None)
    return last.key if isinstance(last, Slice) else None


ADAPTER = Adapter(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1/",
    calls=(
        Call(
            document=Document(
                category="model",
                covers=("model",),
                split=split,
                records={"model": Model},
                enums={"model": ("object", "owned_by")},
                checks={
                    "model": (
                        Required("created", Severity.WARNING),
                        Required("owned_by", Severity.WARNING),
                        Date("created", unix=True),
                        Date("shutdown_date"),
                    )
                },
            ),
            fetch=fetch,
        ),
    ),
    needs_key=True,
    key_header="Authorization",
    documentation="https://developers.openai.com/api/reference/resources/models/methods/list",
    example=EXAMPLES / "openai.json",
)
