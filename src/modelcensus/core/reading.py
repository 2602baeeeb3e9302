"""A reading taken apart: entities still in their raw text, and what could not be understood.

Nothing is decoded here that need not be: an entity whose raw slice is the one already recorded is never parsed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from modelcensus.core import canonical, scan
from modelcensus.core.canonical import Malformed
from modelcensus.core.check import Check
from modelcensus.core.faults import Fault, FaultKind

MAX_KEY_CHARS = 512
MAX_ENTITY_BYTES = 4 * 1024 * 1024


class Slice(msgspec.Struct, frozen=True, gc=False):
    """One entity as it came: its kind, its id at the source, its raw JSON text."""

    category: str
    key: str
    raw: msgspec.Raw | bytes


class Split(msgspec.Struct):
    """One page taken apart.

    ``total`` is how many entities the upstream says the whole listing has; ``more`` says that further pages follow;
    ``truncated`` that the page ends in the middle.
    """

    slices: list[Slice] = []
    faults: list[Fault] = []
    total: int | None = None
    more: bool = False
    truncated: bool = False


class Document(msgspec.Struct, frozen=True):
    """One kind of upstream answer: which categories it covers in full and how to take it apart.

    Per category: ``volatile`` names the members whose numbers are metrics rather than versions, ``records`` is the
    type that says which fields are known (others are reported, never refused), ``enums`` the paths of fields with few
    values, ``checks`` what must hold for an entity to be of use. With ``repeats`` upstream may name an entity twice
    in one reading, as listings do that are sorted by what changes; the first one counts.
    """

    category: str
    covers: tuple[str, ...]
    split: Callable[[bytes], Split]
    volatile: Mapping[str, tuple[str, ...]] = {}
    records: Mapping[str, type[msgspec.Struct]] = {}
    enums: Mapping[str, tuple[str, ...]] = {}
    checks: Mapping[str, tuple[Check, ...]] = {}
    repeats: bool = False


class Understood(msgspec.Struct, frozen=True, gc=False):
    """A parsed entity: canonical bytes without volatile members, their hash, and the volatile members by themselves."""

    hash: bytes
    data: bytes
    volatile: bytes | None


def understand(raw: bytes, volatile: tuple[str, ...]) -> Understood:
    """Parse one entity. Raises ``Malformed`` if it has no canonical form or is no object."""
    if len(raw) > MAX_ENTITY_BYTES:
        raise Malformed(Fault(FaultKind.TOO_LARGE, f"{len(raw)} bytes"))
    value = canonical.decode(raw)
    if not isinstance(value, dict):
        raise Malformed(Fault(FaultKind.NOT_AN_OBJECT, type(value).__name__))
    apart = {name: value.pop(name) for name in volatile if name in value}
    data = canonical.encode(value)
    return Understood(hashlib.sha256(data).digest(), data, canonical.encode(apart) if apart else None)


def key_problem(key: Any) -> str | None:
    """Why ``key`` cannot be an entity's id, or None if it can."""
    if not isinstance(key, str):
        return f"id is {type(key).__name__}"
    if not key or key.isspace():
        return "id is empty"
    if len(key) > MAX_KEY_CHARS:
        return f"id has {len(key)} characters"
    if not key.isprintable() and any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in key):
        return "id has control characters"
    return None


class _Identified(msgspec.Struct):
    id: str


_id_decoder = msgspec.json.Decoder(_Identified)


def slice_by_id(items: list[msgspec.Raw] | list[bytes], category: str) -> Iterator[Slice | Fault]:
    """Each item as an entity named by its member ``id``, or as the fault that prevents it."""
    for index, raw in enumerate(items):
        try:
            key = _id_decoder.decode(raw).id
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield _unnamed(bytes(raw), category, index)
            continue
        if problem := key_problem(key):
            yield Fault(FaultKind.BAD_KEY, f"[{index}] {problem}", bytes(raw), category)
        else:
            yield Slice(category, key, raw)


def _unnamed(raw: bytes, category: str, index: int) -> Slice | Fault:
    """Why an item has no readable id: parsed the slow and exact way. Keeps the id where it can be read after all."""
    key: str | None = None
    try:
        value = canonical.decode(raw)
        if isinstance(value, dict) and not key_problem(value.get("id")):
            key = value["id"]
            canonical.encode(value)
            return Slice(category, value["id"], raw)
    except Malformed as error:
        key = key or salvage_id(raw)
        return msgspec.structs.replace(
            error.fault, place=f"[{index}] {error.fault.place}", raw=raw, category=category, key=key
        )
    if not isinstance(value, dict):
        return Fault(FaultKind.NOT_AN_OBJECT, f"[{index}] {type(value).__name__}", raw, category)
    return Fault(FaultKind.BAD_KEY, f"[{index}] {key_problem(value.get('id'))}", raw, category)


def named_twice(raw: bytes, key: str) -> bool:
    """Whether the member that gave an entity its key comes more than once, so that the key may be a wrong one."""
    found = scan.members(raw)
    texts: dict[str, list[Any]] = {}
    for name, value in zip(found.names, found.items, strict=False):
        try:
            texts.setdefault(name, []).append(msgspec.json.decode(value))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            texts.setdefault(name, []).append(None)
    return any(len(said) > 1 and any(isinstance(s, str) and s and s in key for s in said) for said in texts.values())


def salvage_id(raw: bytes) -> str | None:
    """The ``id`` of an entity whose text is broken further on, if it is the first member; else None."""
    start = raw.find(b'"id"')
    if start < 0 or raw[:start].strip() != b"{":
        return None
    rest = raw[start + 4 :].lstrip()[1:].lstrip()
    end = 1
    while (end := rest.find(b'"', end)) > 0 and rest[end - 1 : end] == b"\\":
        end += 1
    try:
        key = msgspec.json.decode(rest[: end + 1], type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None if key_problem(key) else key
