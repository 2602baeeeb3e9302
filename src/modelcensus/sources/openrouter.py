"""OpenRouter: ``GET /api/v1/models`` (https://openrouter.ai/docs/api-reference/list-available-models)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import msgspec

from modelcensus.core import envelope
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Split, slice_by_id
from modelcensus.sources.adapter import Adapter, Get

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

# Without it the listing leaves out every model that does not answer in text.
_ALL_MODALITIES = {"output_modalities": "all"}
_MAX_PAGES = 100_000


def fetch(get: Get, options: Mapping[str, str]) -> Iterator[Answer]:
    """All pages of the model listing. It comes whole today; ``links.next`` is followed where it is given."""
    answer = get("models", params={**_ALL_MODALITIES, **options})
    yield answer
    for _ in range(_MAX_PAGES):
        following = None if answer.not_modified else next_page(answer.body)
        if following is None:
            return
        answer = get(urljoin(answer.url, following))
        yield answer


def next_page(body: bytes) -> str | None:
    """The address of the next page, if there is one."""
    return _next_link(envelope.open_listing(body, "data"))


def split(body: bytes) -> Split:
    """One page of ``{"data": [{"id": ...}], "links": {"next": ...}, "total_count": N}``."""
    listing = envelope.open_listing(body, "data")
    if listing.fault:
        return Split(faults=[listing.fault], truncated=True)
    found = Split(
        total=_total(listing.beside.get("total_count")),
        more=_next_link(listing) is not None,
        truncated=not listing.closed,
    )
    for item in slice_by_id(listing.items, "model"):
        if isinstance(item, Fault):
            found.faults.append(item)
        else:
            found.slices.append(item)
    if found.truncated and found.faults:
        last = found.faults[-1]
        found.faults[-1] = msgspec.structs.replace(last, kind=FaultKind.TRUNCATED)
    return found


class _Links(msgspec.Struct):
    next: str | None = None


def _next_link(listing: envelope.Listing) -> str | None:
    try:
        return msgspec.json.decode(listing.beside.get("links", b"{}"), type=_Links).next or None
    except msgspec.DecodeError:
        return None


def _total(raw: msgspec.Raw | bytes | None) -> int | None:
    try:
        return msgspec.json.decode(raw, type=int) if raw is not None else None
    except msgspec.DecodeError:
        return None


ADAPTER = Adapter(
    name="openrouter",
    title="OpenRouter",
    base_url="https://openrouter.ai/api/v1/",
    documents=(Document(category="model", covers=("model",), split=split, volatile={"model": ("benchmarks",)}),),
    fetch=fetch,
    key_header="Authorization",
)
