"""Hugging Face Hub: ``GET /api/models`` (https://huggingface.co/docs/hub/api)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from modelcensus.core import envelope
from modelcensus.core.check import Check, Date, Limit, Required
from modelcensus.core.errors import SourceError, UpstreamBroken
from modelcensus.core.reading import Document, Split, slice_by_id
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Option
from modelcensus.sources.paged import MAX_PAGES, taken_apart

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


# Only what is named here comes, beside the id; the listing's own choice lacks most of it.
_EXPAND = (
    "author",
    "createdAt",
    "disabled",
    "downloads",
    "gated",
    "inferenceProviderMapping",
    "lastModified",
    "library_name",
    "likes",
    "pipeline_tag",
    "private",
    "safetensors",
    "tags",
    "trendingScore",
)


class Weights(msgspec.Struct):
    """How many parameters the weights have, in all and by number format."""

    parameters: dict[str, int] | None = None
    total: int | None = None


class Served(msgspec.Struct, rename={"provider_id": "providerId", "adapter_weights_path": "adapterWeightsPath"}):
    """A model at an inference provider."""

    provider: str | None = None
    provider_id: str | None = None
    status: str | None = None
    task: str | None = None
    type: str | None = None
    adapter: str | None = None
    adapter_weights_path: str | None = None


_NAMES = {
    "object_id": "_id",
    "model_id": "modelId",
    "created_at": "createdAt",
    "last_modified": "lastModified",
    "inference_providers": "inferenceProviderMapping",
    "downloads_all_time": "downloadsAllTime",
    "trending_score": "trendingScore",
}


class HubModel(msgspec.Struct, rename=_NAMES):
    """One repository; ``downloads`` are those of the last 30 days."""

    id: str
    object_id: str | None = None
    model_id: str | None = None
    author: str | None = None
    sha: str | None = None
    created_at: str | None = None
    last_modified: str | None = None
    private: bool | None = None
    gated: bool | str | None = None
    disabled: bool | None = None
    pipeline_tag: str | None = None
    library_name: str | None = None
    tags: list[str] | None = None
    safetensors: Weights | None = None
    inference_providers: list[Served] | dict[str, Any] | None = None
    downloads: int | None = None
    downloads_all_time: int | None = None
    likes: int | None = None
    trending_score: float | None = None


class _Counted(msgspec.Struct):
    downloads: int


_counted = msgspec.json.Decoder(_Counted)


def fetch(ask: Ask) -> Iterator[Answer]:
    """Each listing that the filters ask for, one after another, most downloaded first."""
    limit, least = _whole(ask, "limit", 1), _whole(ask, "min_downloads", 0)
    common = [("limit", str(limit))] if limit else []
    common += [("sort", "downloads"), ("direction", "-1"), *(("expand[]", name) for name in _EXPAND)]
    seen: set[str] = set()
    for chosen in _listings(ask):
        yield from _pages(ask, [*chosen, *common], least, seen)


def _listings(ask: Ask) -> list[list[tuple[str, str]]]:
    """The filter of each listing; one without any where no filter is set."""
    tags = [tag.strip() for tag in (ask.options.get("pipeline_tag") or "").split(",")]
    provider = (ask.options.get("inference_provider") or "").strip()
    filters = [[("pipeline_tag", tag)] for tag in tags if tag]
    return [*filters, *([[("inference_provider", provider)]] if provider else [])] or [[]]


def _whole(ask: Ask, name: str, least: int) -> int:
    text = (ask.options.get(name) or "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) >= least):
        raise SourceError(
            f"{name} = {text[:40]!r} is no whole number of at least {least}",
            f"correct the option {name} of this source",
        )
    return int(text)


def _pages(ask: Ask, params: list[tuple[str, str]], least: int, seen: set[str]) -> Iterator[Answer]:
    """Pages of one listing, without the entries below ``least`` downloads, up to where only such ones follow.

    ``seen``: links that were followed before, in this listing or another.
    """
    answer = ask.get("models", params)
    home = _origin(answer.url)
    seen.add(answer.url)
    for _ in range(MAX_PAGES):
        listing = envelope.open_listing(answer.body, "models")
        counts = [_downloads(raw) for raw in listing.items]
        yield _without_small(answer, listing, counts, least)
        if listing.closed and not listing.items:
            raise UpstreamBroken(
                f"an empty page of the listing {params[0][0]}={params[0][1]}", "try again later, or correct the filter"
            )
        following = answer.links.get("next")
        if following is None or _only_small_follow(counts, least):
            return
        if _origin(following) != home:
            raise UpstreamBroken(
                f"the next page is said to be at {urlsplit(following).hostname}, another host",
                "check the base URL of the source; a mirror must rewrite its Link headers",
            )
        if following in seen:
            raise UpstreamBroken("the listing leads back to a page that was read already", "try again later")
        seen.add(following)
        answer = ask.get(following)
    raise UpstreamBroken(f"more than {MAX_PAGES} pages", "set the option limit or min_downloads higher")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)


def _downloads(raw: envelope.Raw) -> int | None:
    try:
        return _counted.decode(raw).downloads
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _without_small(answer: Answer, listing: envelope.Listing, counts: list[int | None], least: int) -> Answer:
    """The page with what is left of it, each entry in upstream's own text."""
    if not any(count is not None and count < least for count in counts):
        return answer
    # What cannot be counted stays: its fault must be seen, and it must not look as if it were gone.
    kept = [bytes(raw) for raw, count in zip(listing.items, counts, strict=True) if count is None or count >= least]
    return dataclasses.replace(answer, body=b"[" + b",".join(kept) + (b"]" if listing.closed else b""))


def _only_small_follow(counts: list[int | None], least: int) -> bool:
    """Whether the page ends below ``least`` and is sorted; one that is not sorted says nothing of those after it."""
    known = [count for count in counts if count is not None]
    return bool(known) and known[-1] < least and all(one >= two for one, two in pairwise(known))


def split(body: bytes) -> Split:
    """One page: ``[{"id": ...}]``. That it is the last one is said beside it, in the Link header."""
    listing = envelope.open_listing(body, "models")
    return taken_apart(listing, slice_by_id(listing.items, "model"), more=False)


CHECKS: tuple[Check, ...] = (
    Required("id"),
    Date("createdAt"),
    Date("lastModified"),
    # 100 trillion parameters: beyond every model there is.
    Limit("safetensors.total", most=100_000_000_000_000),
)

ADAPTER = Adapter(
    name="huggingface",
    title="Hugging Face",
    base_url="https://huggingface.co/api/",
    calls=(
        Call(
            document=Document(
                category="model",
                covers=("model",),
                split=split,
                volatile={"model": ("downloads", "downloadsAllTime", "likes", "trendingScore")},
                records={"model": HubModel},
                enums={
                    "model": (
                        "pipeline_tag",
                        "gated",
                        "inferenceProviderMapping[].provider",
                        "inferenceProviderMapping[].status",
                        "inferenceProviderMapping[].task",
                    )
                },
                checks={"model": CHECKS},
                repeats=True,
            ),
            fetch=fetch,
            conditional=False,
        ),
    ),
    key_header="Authorization",
    options=(
        Option("pipeline_tag", "text-generation", "tasks to list, separated by commas; '' lists no task by itself"),
        Option("inference_provider", "all", "also list what these inference providers serve; '' for none"),
        Option("min_downloads", "1000", "leave out models with fewer downloads in the last 30 days; '' for none"),
        Option("limit", "1000", "entries per page"),
    ),
    concurrency=1,
    requests_per_second=1.5,
    documentation="https://huggingface.co/docs/hub/api",
    example=EXAMPLES / "huggingface.json",
)
