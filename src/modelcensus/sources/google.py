"""Google Gemini API: ``GET /v1beta/models``, all pages (https://ai.google.dev/api/models)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core import canonical, scan
from modelcensus.core.canonical import Malformed
from modelcensus.core.check import Limit, Required, Severity
from modelcensus.core.envelope import Listing, Raw
from modelcensus.core.errors import BadRequest, KeyRefused, UpstreamBroken
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, key_problem
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Option
from modelcensus.sources.paged import is_set, opened, pages, taken_apart, text_in

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


_TOKEN = "nextPageToken"


class Model(msgspec.Struct, rename="camel"):
    """One model; limits in tokens. ``name`` is its resource name, such as ``models/gemini-2.0-flash``."""

    name: str
    base_model_id: str | None = None
    version: str | None = None
    display_name: str | None = None
    description: str | None = None
    input_token_limit: int | None = None
    output_token_limit: int | None = None
    supported_generation_methods: list[str] | None = None
    temperature: float | None = None
    max_temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    thinking: bool | None = None


def fetch(ask: Ask) -> Iterator[Answer]:
    """All pages; a page without a token for the next one is the last."""
    listing = pages(ask, "models", [("pageSize", ask.options["page_size"])], "pageToken", next_token)
    try:
        first = next(listing)
    except BadRequest as problem:
        # Google answers a key that is not valid with 400 (API_KEY_INVALID), where others say 401.
        message = f"{problem.message}, as Google says to a key that is not valid"
        raise KeyRefused(message, "check the key of this source") from problem
    yield first
    yield from listing


def split(body: bytes) -> Split:
    """One page of ``{"models": [{"name": "models/...", ...}], "nextPageToken": "..."}``."""
    listing = _opened(body)
    return taken_apart(listing, _by_name(listing.items), more=is_set(listing.beside.get(_TOKEN)))


def next_token(body: bytes) -> str | None:
    """The token of the next page, None if this page is the last. Raises ``UpstreamBroken`` if it is no text."""
    raw = _opened(body).beside.get(_TOKEN)
    if not is_set(raw):
        return None
    token = text_in(raw)
    if token is None:
        raise UpstreamBroken(
            "the listing says that more follows, and its token is no text",
            "nothing was removed; check that the base URL is the right one",
        )
    return token


def _opened(body: bytes) -> Listing:
    """The page. Empty arrays are left out of Google's JSON, so one with a token alone is a page without models."""
    listing = opened(body, "models")
    text = scan.trim(body)
    if listing.fault and scan.kind(text) == "object":
        outer = scan.members(text)
        if outer.names == [_TOKEN]:
            return Listing(beside=dict(zip(outer.names, outer.items, strict=True)), closed=outer.closed)
    return listing


def _by_name(items: list[msgspec.Raw] | list[bytes]) -> Iterator[Slice | Fault]:
    for index, raw in enumerate(items):
        yield _entity(bytes(raw), f"[{index}]")


def _entity(raw: bytes, place: str) -> Slice | Fault:
    """One model by its name, or why it has none."""
    try:
        # The exact way: the fast one takes the last of two names, and the model of the first would seem gone.
        value = canonical.decode(raw)
    except Malformed as error:
        return msgspec.structs.replace(
            error.fault, place=f"{place} {error.fault.place}", raw=raw, category="model", key=_salvaged_name(raw)
        )
    if not isinstance(value, dict):
        return Fault(FaultKind.NOT_AN_OBJECT, f"{place} {type(value).__name__}", raw, "model")
    name: Any = value.get("name")
    if problem := key_problem(name):
        return Fault(FaultKind.BAD_KEY, f"{place} {problem.replace('id', 'name', 1)}", raw, "model")
    return Slice("model", name, raw)


def _salvaged_name(raw: Raw) -> str | None:
    if scan.kind(raw) != "object":
        return None
    parent = scan.members(raw)
    names: list[Any] = [text_in(item) for name, item in zip(parent.names, parent.items, strict=True) if name == "name"]
    return names[0] if len(names) == 1 and not key_problem(names[0]) else None


ADAPTER = Adapter(
    name="google",
    title="Google Gemini API",
    base_url="https://generativelanguage.googleapis.com/v1beta/",
    calls=(
        Call(
            document=Document(
                category="model",
                covers=("model",),
                split=split,
                records={"model": Model},
                enums={"model": ("supportedGenerationMethods[]",)},
                checks={
                    "model": (
                        Required("displayName", Severity.WARNING),
                        Required("version", Severity.WARNING),
                        Required("supportedGenerationMethods", Severity.WARNING),
                        Limit("inputTokenLimit"),
                        Limit("outputTokenLimit"),
                    )
                },
            ),
            fetch=fetch,
        ),
    ),
    needs_key=True,
    key_header="x-goog-api-key",
    options=(Option("page_size", "1000", "models per page, 1 to 1000"),),
    documentation="https://ai.google.dev/api/models",
    example=EXAMPLES / "google.json",
)
