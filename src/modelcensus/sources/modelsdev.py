"""models.dev: ``GET /api.json``, providers and what each one says of its models.

Documented at https://github.com/anomalyco/models.dev (README, and the schema in packages/core/src/schema.ts).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core import envelope, scan
from modelcensus.core.check import AtMost, Check, Date, Limit, Price, Required
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, key_problem
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


Number = int | float


def fetch(ask: Ask) -> Iterator[Answer]:
    """The one document."""
    yield ask.get("api.json")


def split(body: bytes) -> Split:
    """``{provider: {id, name, ..., models: {id: {...}}}}``. A model's key is ``provider/id``."""
    body = scan.trim(body)
    if scan.kind(body) != "object":
        return Split(faults=[Fault(FaultKind.WRONG_TOP_LEVEL, "not an object", body)], truncated=True)
    providers = scan.members(body)
    if "error" in providers.names and not any(b'"models"' in bytes(raw) for raw in providers.items):
        return Split(faults=[Fault(FaultKind.WRONG_TOP_LEVEL, "an error", body)], truncated=True)
    found = Split(truncated=not providers.closed)
    for provider, raw in zip(providers.names, providers.items, strict=True):
        models = envelope.add_provider(found, provider, raw, nested="models")
        if models is None:
            continue
        if not models.names and models.items:
            found.faults.append(Fault(FaultKind.NOT_AN_OBJECT, f"models of provider {provider}", b"", "model"))
            continue
        for name, model in zip(models.names, models.items, strict=True):
            key = f"{provider}/{name}"
            if problem := key_problem(key) or key_problem(name):
                found.faults.append(Fault(FaultKind.BAD_KEY, f"{provider}: {problem}", bytes(model), "model"))
            else:
                found.slices.append(Slice("model", key, model))
    return found


class Provider(msgspec.Struct):
    """A provider without its models; ``env`` names the variables that its keys are kept in."""

    id: str
    name: str | None = None
    npm: str | None = None
    env: list[str] | None = None
    doc: str | None = None
    api: str | None = None


class Prices(msgspec.Struct):
    """USD per million tokens; ``per_minute`` USD per minute of audio."""

    input: Number | None = None
    output: Number | None = None
    reasoning: Number | None = None
    cache_read: Number | None = None
    cache_write: Number | None = None
    input_audio: Number | None = None
    output_audio: Number | None = None
    per_minute: Number | None = None


class Step(msgspec.Struct):
    """Where a tier begins: ``size`` in tokens of context."""

    type: str | None = None
    size: int | None = None


class Tier(Prices):
    """Prices from a certain size on."""

    tier: Step | None = None


class Cost(Prices):
    """Prices, and those of long requests."""

    context_over_200k: Prices | None = None
    tiers: list[Tier] | None = None


class Limits(msgspec.Struct):
    """Tokens."""

    context: int | None = None
    input: int | None = None
    output: int | None = None


class Modalities(msgspec.Struct):
    """What goes in and comes out."""

    input: list[str] | None = None
    output: list[str] | None = None


class Interleaved(msgspec.Struct):
    """The member of a message that holds reasoning between tool calls."""

    field: str | None = None


class Interface(msgspec.Struct):
    """How this one model is called, where it differs from its provider."""

    npm: str | None = None
    api: str | None = None
    shape: str | None = None
    body: dict[str, Any] | None = None
    headers: dict[str, str] | None = None


class Mode(msgspec.Struct):
    """Another way to run a model, at other prices."""

    cost: Cost | None = None
    provider: Interface | None = None


class Experimental(msgspec.Struct):
    """What upstream does not promise to keep."""

    modes: dict[str, Mode] | None = None


class Model(msgspec.Struct):
    """A model at a provider; dates are ``YYYY-MM-DD`` or ``YYYY-MM``."""

    id: str
    name: str | None = None
    family: str | None = None
    attachment: bool | None = None
    reasoning: bool | None = None
    tool_call: bool | None = None
    structured_output: bool | None = None
    temperature: bool | None = None
    interleaved: bool | Interleaved | None = None
    knowledge: str | None = None
    release_date: str | None = None
    last_updated: str | None = None
    modalities: Modalities | None = None
    open_weights: bool | None = None
    cost: Cost | None = None
    limit: Limits | None = None
    status: str | None = None
    provider: Interface | None = None
    experimental: Experimental | None = None


PRICES = ("input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio", "per_minute")

CHECKS: tuple[Check, ...] = (
    Required("name"),
    Required("release_date"),
    Required("limit.context"),
    *(Price(f"cost.{part}", most="10000") for part in PRICES),
    *(Price(f"cost.context_over_200k.{part}", most="10000") for part in PRICES),
    *(Price(f"cost.tiers[].{part}", most="10000") for part in PRICES),
    Limit("limit.context"),
    Limit("limit.output", least=0),
    Limit("limit.input", least=0),
    AtMost("limit.output", "limit.context"),
    AtMost("limit.input", "limit.context"),
    Date("release_date"),
    Date("last_updated"),
    Date("knowledge"),
)

DOCUMENT = Document(
    category="model",
    covers=("provider", "model"),
    split=split,
    records={"provider": Provider, "model": Model},
    enums={
        "provider": ("npm",),
        "model": ("modalities.input[]", "modalities.output[]", "status", "interleaved.field", "cost.tiers[].tier.type"),
    },
    checks={"provider": (Required("name"), Required("doc")), "model": CHECKS},
)

ADAPTER = Adapter(
    name="modelsdev",
    title="models.dev",
    base_url="https://models.dev/",
    calls=(Call(document=DOCUMENT, fetch=fetch),),
    documentation="https://github.com/anomalyco/models.dev",
    example=EXAMPLES / "modelsdev.json",
)
