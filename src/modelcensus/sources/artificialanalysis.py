"""Artificial Analysis: measured quality, speed and price of models (https://artificialanalysis.ai/documentation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core import envelope, scan
from modelcensus.core.check import Check, Date, Price, Required, Unique
from modelcensus.core.errors import SourceError, UpstreamBroken
from modelcensus.core.reading import Document, Split, slice_by_id
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Option
from modelcensus.sources.paged import taken_apart

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


# The quota is 100 to 1,000 requests a day; a listing with more pages than that could not be read anyway.
_MAX_PAGES = 1_000


class Creator(msgspec.Struct):
    """Who made a model."""

    id: str | None = None
    name: str | None = None
    slug: str | None = None
    country: str | None = None


class Pricing(msgspec.Struct):
    """USD per million tokens."""

    price_1m_input_tokens: float | None = None
    price_1m_output_tokens: float | None = None
    price_1m_blended_3_to_1: float | None = None
    price_1m_cache_hit_tokens: float | None = None
    price_1m_cache_write_tokens: float | None = None


class Performance(msgspec.Struct):
    """Measured speeds: tokens per second, and seconds."""

    median_output_tokens_per_second: float | None = None
    median_time_to_first_token_seconds: float | None = None
    median_time_to_first_answer_token_seconds: float | None = None
    median_end_to_end_response_time_seconds: float | None = None


class Licensing(msgspec.Struct):
    """Under what terms the weights may be used."""

    is_open_weights: bool | None = None


class MeasuredModel(msgspec.Struct):
    """One model; a model with several reasoning settings is several entries.

    ``evaluations`` maps each benchmark to its score. The older API has the speeds beside the other members, the newer
    one in ``performance``.
    """

    id: str
    name: str | None = None
    slug: str | None = None
    release_date: str | None = None
    model_creator: Creator | None = None
    pricing: Pricing | None = None
    licensing: Licensing | None = None
    evaluations: dict[str, float | None] | None = None
    artificial_analysis_intelligence_index_cost: dict[str, Any] | None = None
    performance: Performance | None = None
    median_output_tokens_per_second: float | None = None
    median_time_to_first_token_seconds: float | None = None
    median_time_to_first_answer_token: float | None = None


class _Paging(msgspec.Struct):
    has_more: bool
    page: int | None = None


def fetch(ask: Ask) -> Iterator[Answer]:
    """The one document of the older API, or all pages of the newer one."""
    generation = ask.options.get("api") or "llms"
    if generation == "llms":
        yield ask.get("data/llms/models")
    elif generation == "language":
        yield from _pages(ask)
    else:
        raise SourceError(f"api = {generation!r} is none of the two APIs", "set the option api to 'llms' or 'language'")


def _pages(ask: Ask) -> Iterator[Answer]:
    version: bytes | None = None
    for number in range(1, _MAX_PAGES + 1):
        answer = ask.get("language/models/free", {"page": str(number)})
        listing = envelope.open_listing(answer.body, "data")
        if listing.fault:
            yield answer
            return
        index = bytes(listing.beside.get("intelligence_index_version", b""))
        if version is not None and index != version:
            # Scores of two versions of the index cannot be compared; the quota forbids to begin again at once.
            raise UpstreamBroken("the intelligence index changed its version between two pages", "sync again later")
        version = index
        yield answer
        if not _more_after(number, listing):
            return
    raise UpstreamBroken(f"more than {_MAX_PAGES} pages", "check the base URL of the source")


def _more_after(number: int, listing: envelope.Listing) -> bool:
    """Whether upstream says that pages follow. Raises ``UpstreamBroken`` where it does not say, or cannot be right."""
    paging = _paging(listing)
    if paging is None:
        raise UpstreamBroken(
            f"page {number} does not say whether more follow", "see whether upstream changed its format"
        )
    if paging.page not in (None, number):
        raise UpstreamBroken(f"asked for page {number}, was given page {paging.page}", "try again later")
    if paging.has_more and not listing.items:
        raise UpstreamBroken(f"page {number} is empty, yet more are said to follow", "try again later")
    return paging.has_more


def split(body: bytes) -> Split:
    """``{"data": [...]}`` of either API, or ``{"models": [...], "count": N}`` as collectors keep it."""
    listing = envelope.open_listing(body, _member(body))
    paging = _paging(listing)
    # Paging that cannot be read proves nothing.
    more = "pagination" in listing.beside and (paging is None or paging.has_more)
    found = taken_apart(listing, slice_by_id(listing.items, "model"), more=more)
    found.total = _count(listing.beside.get("count"))
    return found


def _member(body: bytes) -> str:
    body = scan.trim(body)
    names = scan.members(body).names if scan.kind(body) == "object" else []
    return "models" if "models" in names and "data" not in names else "data"


def _paging(listing: envelope.Listing) -> _Paging | None:
    try:
        return msgspec.json.decode(listing.beside.get("pagination", b"null"), type=_Paging)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _count(raw: envelope.Raw | None) -> int | None:
    try:
        return msgspec.json.decode(raw, type=int) if raw is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


_METRICS = (
    "evaluations",
    "artificial_analysis_intelligence_index_cost",
    "performance",
    "median_output_tokens_per_second",
    "median_time_to_first_token_seconds",
    "median_time_to_first_answer_token",
)
# Twice what the dearest known model costs, in USD per million tokens.
_MOST = "1200"
CHECKS: tuple[Check, ...] = (
    Required("name"),
    Required("slug"),
    Required("model_creator.name"),
    Price("pricing.price_1m_input_tokens", most=_MOST),
    Price("pricing.price_1m_output_tokens", most=_MOST),
    Price("pricing.price_1m_blended_3_to_1", most=_MOST),
    Price("pricing.price_1m_cache_hit_tokens", most=_MOST),
    Price("pricing.price_1m_cache_write_tokens", most=_MOST),
    Date("release_date"),
    Unique("slug"),
)

ADAPTER = Adapter(
    name="artificialanalysis",
    title="Artificial Analysis",
    base_url="https://artificialanalysis.ai/api/v2/",
    calls=(
        Call(
            document=Document(
                category="model",
                covers=("model",),
                split=split,
                volatile={"model": _METRICS},
                records={"model": MeasuredModel},
                checks={"model": CHECKS},
            ),
            fetch=fetch,
            conditional=False,
        ),
    ),
    needs_key=True,
    key_header="x-api-key",
    options=(Option("api", "llms", "which of the two APIs: 'llms' (one page) or 'language' (newer, paged)"),),
    concurrency=1,
    requests_per_second=1.0,
    attribution="Artificial Analysis (https://artificialanalysis.ai)",
    documentation="https://artificialanalysis.ai/documentation",
    example=EXAMPLES / "artificialanalysis.json",
)
