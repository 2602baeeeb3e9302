"""Snapshots as translators are given them, hostile versions of them, and the recorded readings where there are any."""

from __future__ import annotations

import copy
import gzip
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from modelcensus.core import canonical
from modelcensus.core.catalog.listing import Listing, Offering, Snapshot, Translated
from modelcensus.core.reading import Document, understand
from modelcensus.sources.translators.contract import Aids, Translator
from tests.builders import as_json, at

AIDS = Aids(today=date(2026, 1, 1))
HOSTILE: tuple[Any, ...] = (
    None, True, 0, -1, -7, Decimal("1e-300"), 10**40, "", "  ", "NaN", "Infinity", "-1", "1e999999999", "9" * 5000,
    "\x00", "javascript:x", [], [None], [[]], [{}], ["x"] * 3000, {}, {"x": None}, {"": {"": []}},
    "0000-99-99", "2026-02-31", "->", "->->image",
)  # fmt: skip
"""What an upstream may send in place of any value."""
RECORDED = Path(__file__).parents[4] / "shared" / "recorded"


def snapshot(
    data: dict[str, Any],
    key: str = "lab/one",
    *,
    category: str = "model",
    observed_at: int = at(0),
    volatile: dict[str, Any] | None = None,
) -> Snapshot:
    """One recorded version, its numbers exact as in the store."""
    decoded = canonical.decode(as_json(data))
    apart = canonical.decode(as_json(volatile or {}))
    return Snapshot(
        source="here", category=category, key=key, sha256="ab", observed_at=observed_at, data=decoded, volatile=apart
    )


def spoilt_snapshots(data: dict[str, Any], key: str = "lab/one", category: str = "model") -> Iterator[Snapshot]:
    """Snapshots of ``data`` with one hostile value each, its numbers exact otherwise."""
    for each in spoilt(canonical.decode(as_json(data))):
        yield Snapshot(source="here", category=category, key=key, sha256="ab", observed_at=at(0), data=each)


def listing(translator: Translator, said: Snapshot) -> Listing:
    """The listing that a snapshot must give."""
    found = translator.translate(said, AIDS).listing
    assert found is not None
    return found


def offering(translator: Translator, said: Snapshot) -> Offering:
    """The one offering that a snapshot must give."""
    (found,) = translator.translate(said, AIDS).offerings
    return found


def spoilt(data: Any) -> Iterator[Any]:
    """``data`` again and again, each time with one value in it, at any depth, replaced by a hostile one."""
    for path in _paths(data):
        for hostile in HOSTILE:
            copied = copy.deepcopy(data)
            place = copied
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = copy.deepcopy(hostile)
            yield copied


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from _paths(inner, (*path, step))


def sound(said: Translated) -> None:
    """What must hold of every answer, whatever was sent."""
    every: list[Listing | Offering] = [*said.offerings, *([said.listing] if said.listing else [])]
    for each in every:
        limits = (each.context, each.max_input, each.max_output)
        assert all(limit is None or limit > 0 for limit in limits)
        sets = [each.prices.base, *(tier.rates for tier in each.prices.tiers), *(w.rates for w in each.prices.windows)]
        assert all(price.is_finite() for rates in sets for _, price in rates.known())
        assert len(canonical.encode(each)) < 100_000


def recorded(folder: str, document: Document, source: str) -> Iterator[Snapshot]:
    """Every distinct entity of a folder of recorded readings; skips the test where there are none."""
    files = sorted((RECORDED / folder).glob("*.json.gz"))
    if not files:
        pytest.skip(f"no recorded readings at ../shared/recorded/{folder}")
    seen = set()
    for file in files:
        for entity in document.split(gzip.decompress(file.read_bytes())).slices:
            raw = bytes(entity.raw)
            if (identity := (entity.category, entity.key, raw)) in seen:
                continue
            seen.add(identity)
            understood = understand(raw, document.volatile.get(entity.category, ()))
            yield Snapshot(
                source=source,
                category=entity.category,
                key=entity.key,
                sha256=understood.hash.hex(),
                observed_at=at(0),
                data=canonical.decode(understood.data),
                volatile=canonical.decode(understood.volatile or b"{}"),
            )
