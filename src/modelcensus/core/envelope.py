"""The shapes in which listings come: a bare array, an array in an object, objects in objects."""

from __future__ import annotations

import msgspec

from modelcensus.core import scan
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Slice, Split, key_problem

Raw = msgspec.Raw | bytes


class Listing(msgspec.Struct):
    """The elements of a listing and the members beside it. ``fault`` is set where the shape is another one."""

    items: list[msgspec.Raw] | list[bytes] = []
    beside: dict[str, Raw] = {}
    closed: bool = True
    fault: Fault | None = None


def open_listing(body: bytes, member: str) -> Listing:
    """The array at ``member`` of the top-level object, or the top-level array itself."""
    body = scan.trim(body)
    shape = scan.kind(body)
    if shape == "array":
        found = scan.elements(body)
        return Listing(found.items, closed=found.closed)
    if shape != "object":
        return _wrong(body, "neither an object nor an array")
    outer = scan.members(body)
    beside: dict[str, Raw] = {}
    arrays: list[Raw] = []
    for name, raw in zip(outer.names, outer.items, strict=True):
        if name == member:
            arrays.append(raw)
        else:
            beside[name] = raw
    if "error" in beside and not arrays:
        return _wrong(body, f"an error: {bytes(beside['error'])[:200].decode('utf-8', 'replace')}")
    if not arrays or any(scan.kind(raw) != "array" for raw in arrays):
        return _wrong(body, f"no array '{member}'")
    inner = [scan.elements(raw) for raw in arrays]
    items: list[msgspec.Raw] | list[bytes] = inner[0].items
    for more in inner[1:]:
        items = [bytes(raw) for raw in [*items, *more.items]]
    return Listing(items, beside, outer.closed and all(part.closed for part in inner))


def _wrong(body: bytes, place: str) -> Listing:
    return Listing(closed=False, fault=Fault(FaultKind.WRONG_TOP_LEVEL, place, body))


def without(parent: scan.Children, member: str) -> bytes:
    """The text of an object less one member, the others as they came."""
    parts = [
        msgspec.json.encode(name) + b":" + bytes(raw)
        for name, raw in zip(parent.names, parent.items, strict=True)
        if name != member
    ]
    return b"{" + b",".join(parts) + b"}"


def add_provider(split: Split, name: object, raw: Raw, *, nested: str) -> scan.Children | None:
    """Take apart a provider that carries its models in the member ``nested``: adds the provider, returns the models.

    None, with the fault noted, where the models cannot be reached; any model may then hide there.
    """
    key = name if isinstance(name, str) and not key_problem(name) else None
    if key is None:
        split.faults.append(Fault(FaultKind.BAD_KEY, f"provider: {key_problem(name)}", bytes(raw), "provider"))
    if scan.kind(raw) != "object":
        if key is not None:
            split.faults.append(Fault(FaultKind.NOT_AN_OBJECT, f"provider {key}", bytes(raw), "provider", key))
        split.faults.append(Fault(FaultKind.NOT_AN_OBJECT, f"models of provider {key}", bytes(raw), "model"))
        return None
    parent = scan.members(raw)
    split.truncated |= not parent.closed
    if key is not None:
        split.slices.append(Slice("provider", key, without(parent, nested)))
    models = [inner for name, inner in zip(parent.names, parent.items, strict=True) if name == nested]
    if key is None or len(models) != 1 or scan.kind(models[0]) == "other":
        split.faults.append(Fault(FaultKind.NOT_AN_OBJECT, f"models of provider {key}", bytes(raw)[:4096], "model"))
        return None
    found = scan.members(models[0]) if scan.kind(models[0]) == "object" else scan.elements(models[0])
    split.truncated |= not found.closed
    return found
