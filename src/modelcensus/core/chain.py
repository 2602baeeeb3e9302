"""The hash chain over syncs: what was recorded, in the order it was recorded, cannot be changed unnoticed."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

START = bytes(32)
"""The link before the first sync."""
_encoder = msgspec.json.Encoder(order="deterministic")


class Seal:
    """Collects what one sync wrote, in a fixed order, into the digest that the chain links.

    The order is: the sync's facts, its coverage, its snapshots by entity and time, its quarantine.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        self._hash = hashlib.sha256(_encoder.encode(facts))

    def snapshot(self, category: str, key: str, observed_at: int, body_hash: bytes | None) -> None:
        """One version, or a tombstone where ``body_hash`` is None."""
        self._hash.update(b"\nsnapshot %b %d %b" % (body_hash or b"-", observed_at, f"{category}\0{key}".encode()))

    def record(self, kind: str, facts: list[Any]) -> None:
        """One row of another kind: coverage, sighting, quarantine."""
        self._hash.update(b"\n" + kind.encode() + b" " + _encoder.encode(facts))

    def digest(self) -> bytes:
        """SHA-256 of all that was given, 32 bytes."""
        return self._hash.digest()


def link(previous: bytes, digest: bytes) -> bytes:
    """The chain's value after a sync with this digest."""
    return hashlib.sha256(previous + digest).digest()
