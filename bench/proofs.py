"""What the proofs compare: a reading in canonical form, and a whole history as one hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from modelcensus.core import canonical
from modelcensus.core.reading import Document, Split
from modelcensus.core.records import Change
from modelcensus.operations import browse
from modelcensus.store.engine import Store

Entities = dict[tuple[str, str], bytes]


def expected(document: Document, split: Split) -> Entities:
    """Each entity of a reading in canonical form, without its declared volatile members."""
    found: Entities = {}
    for entity in split.slices:
        value = canonical.decode(bytes(entity.raw))
        for name in document.volatile.get(entity.category, ()):
            value.pop(name, None)
        found[(entity.category, entity.key)] = canonical.encode(value)
    return found


def as_of(store: Store, time: int, source: str) -> Entities:
    """The census of one source as of a time, each body checked against its hash on the way."""
    found: Entities = {}
    for version in browse.as_of(store, time, source=source):
        assert version.data is not None
        data = bytes(version.data)
        assert hashlib.sha256(data).hexdigest() == version.sha256
        found[(version.category, version.key)] = data
    return found


def history_hash(store: Store) -> tuple[int, str]:
    """How many changes there are, and one hash of them all: kind, key, observed time and every field."""
    lines = (repr((c.kind, c.source, c.category, c.key, c.observed_at, c.fields)) for c in _changes(store))
    return _hashed(lines)


def versions_hash(store: Store, source: str) -> tuple[int, str]:
    """How many versions there are, and one hash of key, time and SHA-256 of each; order of recording is left out."""
    keys = sorted({(c.category, c.key) for c in _changes(store) if c.source == source})
    return _hashed(
        repr((category, key, version.observed_at, version.sha256))
        for category, key in keys
        for version in browse.history(store, key, source=source, category=category)
    )


def metrics_hash(store: Store, source: str) -> tuple[int, str]:
    """How many metric points there are, and one hash of them."""
    keys = sorted({c.key for c in _changes(store) if c.source == source and c.category == "model"})
    return _hashed(
        repr((key, point.name, point.observed_at, point.value))
        for key in keys
        for point in browse.metrics(store, key, source=source)
    )


def _changes(store: Store) -> Iterator[Change]:
    return browse.changes(store, newest_first=False)


def _hashed(lines: Iterator[str]) -> tuple[int, str]:
    found, count = hashlib.sha256(), 0
    for line in lines:
        found.update(line.encode() + b"\n")
        count += 1
    return count, found.hexdigest()
