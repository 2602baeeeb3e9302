"""Ways to pack an answer, which of them a client takes, and entity tags."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from functools import lru_cache

import brotli  # type: ignore[import-untyped]  # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IDENTITY = "identity"
_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=9),
    "zstd": lambda body: zstd.compress(body, level=9),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}
"""By what packs our JSON best; among those that a client likes equally the first is taken."""
SMALLEST = 512
"""Bytes below which packing saves nothing."""


def packed(name: str, body: bytes) -> bytes:
    """A body in an encoding that ``chosen`` gave."""
    return body if name == IDENTITY else _PACKERS[name](body)


@lru_cache(maxsize=512)
def chosen(accepted: bytes) -> str:
    """The encoding to answer with by an ``Accept-Encoding`` header (RFC 9110, 12.5.3); plain where in doubt."""
    weights: dict[str, float] = {}
    for part in accepted[:1000].decode("latin-1").lower().split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip()] = _weight(parameter)
    best, name = 0.0, IDENTITY
    for each in _PACKERS:
        weight = weights.get(each, weights.get("*", 0.0))
        if weight > best:
            best, name = weight, each
    return name if best >= weights.get(IDENTITY, 0.0) else IDENTITY


def knows(known: bytes, tag: bytes) -> bool:
    """Whether an ``If-None-Match`` header names a tag: weakly compared, as RFC 9110, 13.1.2 asks for."""
    return known == tag or any(each.strip().removeprefix(b"W/") in (tag, b"*") for each in known.split(b","))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
