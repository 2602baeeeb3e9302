"""models.dev: ``GET /api.json``, providers and what each one says of its models (https://models.dev)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from modelcensus.core import envelope, scan
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, key_problem
from modelcensus.sources.adapter import Adapter, Get

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


def fetch(get: Get, options: Mapping[str, str]) -> Iterator[Answer]:
    """The one document."""
    yield get("api.json", params=dict(options))


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


ADAPTER = Adapter(
    name="modelsdev",
    title="models.dev",
    base_url="https://models.dev/",
    documents=(Document(category="model", covers=("provider", "model"), split=split),),
    fetch=fetch,
)
