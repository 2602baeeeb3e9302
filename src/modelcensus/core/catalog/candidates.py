"""Which models a person may want to look at for a name that no rule links. Never more than a proposal."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from modelcensus.core.catalog.naming import Name

MOST = 5
"""Candidates for one name."""

Words = tuple[str, ...]


class Shelf:
    """Models in the order of their words, by lab, so that those that begin alike stand together."""

    def __init__(self, models: Iterable[tuple[str, Name]]) -> None:
        by_lab: dict[str | None, list[tuple[Words, str]]] = defaultdict(list)
        for model_id, name in models:
            for lab in {name.lab, None}:
                by_lab[lab].append((_words(name), model_id))
        self._by_lab = {lab: sorted(entries) for lab, entries in by_lab.items()}

    def near(self, name: Name) -> tuple[str, ...]:
        """Ids of at most ``MOST`` models of the same lab that begin with the same words, most in common first."""
        words = _words(name)
        entries = self._by_lab.get(name.lab, [])
        place = bisect_left(entries, (words, ""))
        around = entries[max(0, place - MOST) : place + MOST]
        shared = sorted((-_shared(words, other), model_id) for other, model_id in around)
        return tuple(model_id for common, model_id in shared if common)[:MOST]


def _words(name: Name) -> Words:
    return tuple(re.findall(r"[a-z]+|\d+", name.base.rsplit("/", 1)[-1]))


def _shared(one: Words, other: Words) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
