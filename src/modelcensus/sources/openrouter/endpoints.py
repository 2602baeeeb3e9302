"""``GET /models/{author}/{slug}/endpoints``: one model at each of its providers, asked for model by model
(https://openrouter.ai/docs/api/api-reference/endpoints/list-endpoints)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from modelcensus.core import envelope, scan
from modelcensus.core.check import AtMost, Check, Limit, Price, Refers, Required
from modelcensus.core.errors import NotThere, SourceError
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Split
from modelcensus.sources.adapter import Ask, Gap
from modelcensus.sources.openrouter.endpoint_keys import model_of_key, named
from modelcensus.sources.openrouter.records import TOKEN_PRICES, UNIT_PRICES, Endpoint
from modelcensus.sources.paged import taken_apart, text_in

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

VOLATILE = (
    "status",
    *(f"{what}_last_{span}" for what in ("uptime", "latency", "throughput") for span in ("5m", "30m", "1h", "1d")),
)
"""Members that are metrics. Upstream adds a span now and then, so those that it may add next are among them."""


def fetch(ask: Ask) -> Iterator[Answer | Gap]:
    """The endpoints of every recorded model, in the order of their ids.

    A model that is not there has no endpoints, if none is recorded of it: one odd id cannot hold up removals for ever.
    Raises ``SourceError`` where no models are recorded yet.
    """
    models = sorted(ask.known("model"))
    if not models:
        raise SourceError("endpoints are asked for model by model, and no model is recorded yet", "sync again")
    owners = {model_of_key(key) for key in ask.known("endpoint")}
    asked = [(model, path) for model in models if (path := path_of(model)) is not None]
    for model in sorted(set(models).difference(model for model, _ in asked) & owners):
        yield Gap(SourceError(f"no address can be made of the model id {model[:80]}", "report it to OpenRouter"))
    for (model, _), answer in zip(asked, ask.each([path for _, path in asked]), strict=True):
        if not isinstance(answer, SourceError):
            yield answer
        elif not isinstance(answer, NotThere) or model in owners or None in owners:
            yield Gap(type(answer)(f"endpoints of {model}: {answer.message}", answer.hint))


def path_of(model: str) -> str | None:
    """Where the endpoints of a model are; None for an id that would lead elsewhere, such as ``a/../b``."""
    parts = model.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return None
    return "/".join(["models", *(quote(part, safe="~:") for part in parts), "endpoints"])


def split(body: bytes) -> Split:
    """``{"data": {"id": ..., "endpoints": [...]}}``, or ``{"models": [{"id": ..., "endpoints": [...]}]}`` as one
    recorder keeps the answers of all models together. See ``endpoint_keys`` for what an endpoint is called."""
    body = scan.trim(body)
    outer = scan.members(body) if scan.kind(body) == "object" else None
    if outer is None or "data" not in outer.names:
        listing = envelope.open_listing(body, "models")
        if listing.fault:
            return Split(faults=[listing.fault], truncated=True)
        found = Split(truncated=not listing.closed)
        for index, model in enumerate(listing.items):
            _add_model(found, model, f"models[{index}]")
        return found
    found = Split(truncated=not outer.closed)
    for name, member in zip(outer.names, outer.items, strict=True):
        if name == "data":
            _add_model(found, member, name)
    return found


def _add_model(found: Split, raw: envelope.Raw, place: str) -> None:
    """Add the endpoints of one model; where they cannot be found, any endpoint may hide."""
    if scan.kind(raw) != "object":
        found.faults.append(Fault(FaultKind.NOT_AN_OBJECT, place, bytes(raw), "endpoint"))
        return
    listing = envelope.open_listing(bytes(raw), "endpoints")
    found.truncated |= not listing.closed
    if listing.fault:
        found.faults.append(listing.fault)
    else:
        inner = taken_apart(listing, named(listing.items, text_in(listing.beside.get("id")), place), more=False)
        found.slices += inner.slices
        found.faults += inner.faults


CHECKS: tuple[Check, ...] = (
    Required("provider_name"),
    Required("tag"),
    Required("pricing.prompt"),
    Required("pricing.completion"),
    *(Price(f"pricing.{part}", most="0.01", variable="-1") for part in TOKEN_PRICES),
    *(Price(f"pricing.{part}", most="10", variable="-1") for part in UNIT_PRICES),
    Limit("context_length"),
    Limit("max_completion_tokens"),
    Limit("max_prompt_tokens"),
    AtMost("max_completion_tokens", "context_length"),
    AtMost("max_prompt_tokens", "context_length"),
    Refers("model_id", "model"),
)

ENDPOINTS = Document(
    category="endpoint",
    covers=("endpoint",),
    split=split,
    volatile={"endpoint": VOLATILE},
    records={"endpoint": Endpoint},
    enums={"endpoint": ("quantization", "supported_parameters[]")},
    checks={"endpoint": CHECKS},
    # A moving alias (~lab/x-latest) may answer with the endpoints of the model that it points to.
    repeats=True,
)
