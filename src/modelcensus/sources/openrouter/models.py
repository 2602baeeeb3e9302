"""``GET /models``: every model that can be asked for (https://openrouter.ai/docs/api-reference/list-available-models)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import msgspec

from modelcensus.core import envelope
from modelcensus.core.check import AtMost, Check, Date, Limit, Price, Required
from modelcensus.core.errors import UpstreamBroken
from modelcensus.core.reading import Document, Split, slice_by_id
from modelcensus.sources.adapter import Ask
from modelcensus.sources.openrouter.records import TOKEN_PRICES, UNIT_PRICES, Model
from modelcensus.sources.paged import MAX_PAGES, taken_apart

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

_REPORT = "report it to OpenRouter; nothing was removed, sync again later"


def fetch(ask: Ask) -> Iterator[Answer]:
    """All pages of the model listing. It comes whole today; ``links.next`` is followed where it is given.

    Raises ``UpstreamBroken`` where the links lead back to a page that was read, or to another host.
    """
    answer = ask.get("models", ask.query)
    yield answer
    seen = {answer.url}
    for _ in range(MAX_PAGES):
        following = None if answer.not_modified else next_page(answer.body)
        if following is None:
            return
        target = urljoin(answer.url, following)
        if target in seen:
            raise UpstreamBroken(f"page {len(seen)} of the listing names itself or an earlier one as the next", _REPORT)
        if urlsplit(target)[:2] != urlsplit(answer.url)[:2]:
            raise UpstreamBroken("the next page of the listing is said to be on another host", _REPORT)
        seen.add(target)
        answer = ask.get(target)
        yield answer
    raise UpstreamBroken(f"the listing has more than {MAX_PAGES} pages", _REPORT)


def next_page(body: bytes) -> str | None:
    """The address of the next page, if there is one."""
    return _next_link(envelope.open_listing(body, "data"))


def split(body: bytes) -> Split:
    """One page of ``{"data": [{"id": ...}], "links": {"next": ...}, "total_count": N}``."""
    listing = envelope.open_listing(body, "data")
    found = taken_apart(listing, slice_by_id(listing.items, "model"), more=_next_link(listing) is not None)
    found.total = _total(listing.beside.get("total_count"))
    return found


class _Links(msgspec.Struct):
    next: str | None = None


def _next_link(listing: envelope.Listing) -> str | None:
    try:
        return msgspec.json.decode(listing.beside.get("links", b"{}"), type=_Links).next or None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _total(raw: msgspec.Raw | bytes | None) -> int | None:
    try:
        return msgspec.json.decode(raw, type=int) if raw is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


CHECKS: tuple[Check, ...] = (
    Required("name"),
    Required("pricing.prompt"),
    Required("pricing.completion"),
    *(Price(f"pricing.{part}", most="0.01", variable="-1") for part in TOKEN_PRICES),
    *(Price(f"pricing.{part}", most="10", variable="-1") for part in UNIT_PRICES),
    *(Price(f"pricing.overrides[].{part}", most="0.01", variable="-1") for part in TOKEN_PRICES),
    Limit("context_length"),
    Limit("top_provider.context_length"),
    Limit("top_provider.max_completion_tokens"),
    AtMost("top_provider.max_completion_tokens", "context_length"),
    Date("created", unix=True),
    Date("knowledge_cutoff"),
    # Up to 2100, so that upstream's "never" (2098-12-31) is a date like any other.
    Date("expiration_date"),
)

MODELS = Document(
    category="model",
    covers=("model",),
    split=split,
    volatile={"model": ("benchmarks",)},
    records={"model": Model},
    enums={
        "model": (
            "architecture.input_modalities[]",
            "architecture.output_modalities[]",
            "architecture.tokenizer",
            "architecture.instruct_type",
            "supported_parameters[]",
            "reasoning.supported_efforts[]",
            "reasoning.default_effort",
        )
    },
    checks={"model": CHECKS},
)
