"""What changed between two versions of an entity, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec

_PLAIN = re.compile(r"[^.\[\]\"\s]+")
_NAMES = ("id", "slug", "name", "tag", "key")
ABSENT = msgspec.UNSET
"""A field that is not there, which is something else than null."""


class ChangeKind(StrEnum):
    """What can happen to an entity."""

    APPEARED = "appeared"
    ALTERED = "altered"
    VANISHED = "vanished"
    REAPPEARED = "reappeared"


class FieldChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field before and after; the side on which the field is absent is left out.

    ``added`` and ``removed`` are given for arrays of scalars, which are compared whole: a moved element is
    no addition, and nothing is said of positions.
    """

    path: str
    before: Any = ABSENT
    after: Any = ABSENT
    added: tuple[Any, ...] = ()
    removed: tuple[Any, ...] = ()


def differences(before: Any, after: Any, path: str = "") -> Iterator[FieldChange]:
    """Fields in which two decoded JSON values differ, in path order."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from differences(before.get(name, ABSENT), after.get(name, ABSENT), _member(path, name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _arrays(before, after, path)
    elif not same(before, after):
        yield FieldChange(path, before, after)


def same(one: Any, other: Any) -> bool:
    """JSON equality: true is not 1, but 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    return bool(one == other)


def at_path(value: Any, path: str) -> Any:
    """The field at a path as ``differences`` writes it (``pricing.prompt``, ``overrides[0].price``), or ``ABSENT``."""
    for step in _steps(path):
        within = isinstance(value, dict) and step in value
        if within or (isinstance(step, int) and isinstance(value, list) and step < len(value)):
            value = value[step]
        elif isinstance(step, str) and isinstance(value, list) and "=" in step:
            member, _, name = step.partition("=")
            value = next((item for item in value if isinstance(item, dict) and item.get(member) == name), ABSENT)
        else:
            return ABSENT
    return value


def _arrays(before: list[Any], after: list[Any], path: str) -> Iterator[FieldChange]:
    if same(before, after):
        return
    if _scalars(before) and _scalars(after):
        yield FieldChange(path, before, after, _without(after, before), _without(before, after))
        return
    one, other = _identified(before), _identified(after)
    if one is not None and other is not None:
        found = [
            change
            for name in dict.fromkeys([*one, *other])
            for change in differences(one.get(name, ABSENT), other.get(name, ABSENT), f"{path}[{_quoted(name)}]")
        ]
        # Where nothing but the order is new, the array is given whole: a changed value always has a changed field.
        yield from found or [FieldChange(path, before, after)]
        return
    yield from _by_position(before, after, path)


def _by_position(before: list[Any], after: list[Any], path: str) -> Iterator[FieldChange]:
    for index in range(max(len(before), len(after))):
        one = before[index] if index < len(before) else ABSENT
        other = after[index] if index < len(after) else ABSENT
        yield from differences(one, other, f"{path}[{index}]")


def _identified(items: list[Any]) -> dict[str, Any] | None:
    """The elements by name if they are objects that one common member tells apart."""
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    for member in _NAMES:
        names = [item.get(member) for item in items]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return {f"{member}={name}": item for name, item in zip(names, items, strict=True)}
    return None


def _scalars(items: list[Any]) -> bool:
    return not any(isinstance(item, (dict, list)) for item in items)


def _without(items: list[Any], others: list[Any]) -> tuple[Any, ...]:
    return tuple(item for item in items if not any(same(item, other) for other in others))


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _member(path: str, name: str) -> str:
    if not _PLAIN.fullmatch(name):
        return f"{path}[{_quoted(name)}]"
    return f"{path}.{name}" if path else name


_STEP = re.compile(r'\.?([^.\[\]"\s]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for plain, index, quoted in _STEP.findall(path):
        steps.append(plain if plain else int(index) if index else re.sub(r"\\(.)", r"\1", quoted))
    return steps
