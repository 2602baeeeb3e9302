"""Where two sets of entities differ, in words."""

from __future__ import annotations

from modelcensus.core import canonical
from modelcensus.core.change import ABSENT, differences

Entities = dict[tuple[str, str], bytes]
"""(category, key) -> canonical data."""
_SHOWN = 5


def difference(expected: Entities, found: Entities) -> list[str]:
    """One line for each kind of difference and for the first fields that differ; empty if there is none."""
    lines = []
    if missing := sorted(expected.keys() - found.keys()):
        lines.append(f"{len(missing)} of {len(expected)} expected entities are missing: {_named(missing)}")
    if extra := sorted(found.keys() - expected.keys()):
        lines.append(f"{len(extra)} entities came that nobody expects: {_named(extra)}")
    other = [place for place in sorted(expected.keys() & found.keys()) if expected[place] != found[place]]
    if other:
        lines.append(f"{len(other)} entities are not as expected: {_named(other)}")
        lines += [line for place in other[:_SHOWN] for line in _fields(place, expected[place], found[place])]
    return lines


def _fields(place: tuple[str, str], expected: bytes, found: bytes) -> list[str]:
    changes = list(differences(canonical.decode(expected), canonical.decode(found)))
    return [
        f"{place[1]}: {change.path} should be {_shown(change.before)}, is {_shown(change.after)}"
        for change in changes[:_SHOWN]
    ]


def _shown(value: object) -> str:
    text = "absent" if value is ABSENT else canonical.encode(value).decode("utf-8", "replace")
    return text if len(text) <= 80 else f"{text[:79]}…"


def _named(places: list[tuple[str, str]]) -> str:
    names = [f"{category} {key}" for category, key in places[:_SHOWN]]
    return ", ".join(names) + (f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else "")
