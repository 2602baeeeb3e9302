"""The versions of an entity: all of them in order, one of them whole, and what two of them differ in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

import msgspec

from modelcensus.core import canonical
from modelcensus.core.change import FieldChange, differences
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.records import Version
from modelcensus.operations import browse
from modelcensus.store.engine import Store
from modelcensus.web.rendering.shown import brief, pretty

PAGE = 200
"""Versions that a page lists."""
_MOST_LINES = 3000
_AROUND = 3
_NUMBER = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{8,64}", re.ASCII)


class Numbered(msgspec.Struct, frozen=True):
    """One version and its place in the order of observed time, from 1 on."""

    number: int
    version: Version


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """What one source said of a key in one category, oldest first, tombstones included."""

    source: str
    category: str
    versions: tuple[Numbered, ...]

    @property
    def contents(self) -> int:
        """How many of the versions are no tombstones."""
        return sum(1 for each in self.versions if each.version.data is not None)

    def newest(self, before: int | None = None) -> Sequence[Numbered]:
        """A page of them, newest first; ``before`` a number."""
        fitting = [each for each in self.versions if before is None or each.number < before]
        return fitting[::-1][:PAGE]


class Row(msgspec.Struct, frozen=True):
    """Two lines side by side; None where a side has none. ``same``: they are equal. Neither: lines are left out."""

    before: str | None
    after: str | None
    same: bool


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two versions of an entity: field by field, and the lines that differ; ``rows`` None where they are too many."""

    older: Numbered
    newer: Numbered
    fields: tuple[FieldChange, ...]
    rows: tuple[Row, ...] | None


def tracks(store: Store, key: str, source: str | None = None) -> list[Track]:
    """All versions of a key, by source and category. Raises ``NotFound``."""
    found = groupby(browse.history(store, key, source=source), lambda each: (each.source, each.category))
    return [
        Track(
            source=place[0], category=place[1],
            versions=tuple(Numbered(number, version) for number, version in enumerate(versions, 1)),
        )
        for place, versions in found
    ]  # fmt: skip


def chosen(found: Sequence[Track], text: str) -> Numbered:
    """The version that a hash, its first 8 letters or more, or a number means. Raises ``NotFound``, ``InvalidInput``.

    Of versions with the same content it is the last.
    """
    if _NUMBER.fullmatch(text):
        if len(found) > 1:
            raise InvalidInput(f"version {text} of which source?", "name it: ?source=…, or give the version's hash")
        fitting = [each for track in found for each in track.versions if each.number == int(text)]
    elif _HASH.fullmatch(text.lower()):
        every = [each for track in found for each in track.versions]
        fitting = [each for each in every if (each.version.sha256 or "").startswith(text.lower())]
    else:
        raise InvalidInput(f"'{brief(text, 80)}' is no version", "give its number, or 8 to 64 letters of its SHA-256")
    if not fitting:
        raise NotFound(f"there is no version {brief(text, 80)} of it", "choose one of those that are listed")
    if fitting[-1].version.data is None:
        raise NotFound("it had vanished then: there is nothing to show", "choose a version that has content")
    return fitting[-1]


def compared(one: Numbered, other: Numbered) -> Comparison:
    """What is different in the later of two versions from the earlier."""
    older, newer = sorted((one, other), key=lambda each: (each.version.observed_at, each.number))
    before, after = _lines(older.version), _lines(newer.version)
    short = max(len(before), len(after)) <= _MOST_LINES
    return Comparison(
        older=older, newer=newer, rows=tuple(_rows(before, after)) if short else None,
        fields=tuple(differences(_decoded(older.version), _decoded(newer.version))),
    )  # fmt: skip


def _rows(before: list[str], after: list[str]) -> Iterator[Row]:
    for place, group in enumerate(SequenceMatcher(None, before, after).get_grouped_opcodes(_AROUND)):
        if place:
            yield Row(None, None, same=True)
        for kind, one, one_end, other, other_end in group:
            left, right = before[one:one_end], after[other:other_end]
            for row in range(max(len(left), len(right))):
                yield Row(
                    left[row] if row < len(left) else None, right[row] if row < len(right) else None, kind == "equal"
                )  # fmt: skip


def _lines(version: Version) -> list[str]:
    return pretty(bytes(version.data)).split("\n") if version.data is not None else []


def _decoded(version: Version) -> Any:
    return canonical.decode(bytes(version.data)) if version.data is not None else {}
