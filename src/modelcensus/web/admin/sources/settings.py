"""Settings as they are in force, for people to look at: no secret leaves the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from modelcensus.operations.census import Source
from modelcensus.settings import Loaded, Settings, Shown, SourceSettings, secrets_of, shown
from modelcensus.sources.masking import masked

_PERSONAL = frozenset({"notices.email"})
_MASK = "********"
_ADAPTER = "its adapter"


class Setting(msgspec.Struct, frozen=True):
    """One setting by its dotted name: its value as text, empty for none, and where it came from."""

    name: str
    value: str
    origin: str


class Group(msgspec.Struct, frozen=True):
    """Settings whose names begin with the same word; the empty name holds those that stand alone."""

    name: str
    settings: Sequence[Setting]


def of_source(settings: Settings, origins: Mapping[str, str], source: Source) -> list[Setting]:
    """The settings of one source; what is not set is as its adapter has it."""
    name = source.name
    given = settings.sources.get(name, SourceSettings())
    only = msgspec.structs.replace(settings, sources={name: given})
    rows = [each for each in _all(only, origins) if each.name.startswith(f"sources.{name}.")]
    by_adapter = {
        "adapter": source.adapter.name, "base_url": source.base_url, "concurrency": str(source.concurrency),
        **{f"options.{option}": _option(option, value) for option, value in source.options.items()},
    }  # fmt: skip
    unset = {f"sources.{name}.{field}": value for field, value in by_adapter.items() if value}
    known = {each.name for each in rows}
    return [
        *(Setting(each.name, unset[each.name], _ADAPTER) if each.name in unset and not each.value else each
          for each in rows),
        *(Setting(field, value, _ADAPTER) for field, value in unset.items() if field not in known),
    ]  # fmt: skip


def general(settings: Settings, origins: Mapping[str, str]) -> list[Group]:
    """All settings that are no source's, in groups."""
    given = msgspec.structs.replace(settings, sources={})
    rows = _all(given, origins)
    alone = [each for each in rows if "." not in each.name]
    grouped = groupby((each for each in rows if "." in each.name), key=lambda each: each.name.partition(".")[0])
    return [Group("", alone), *(Group(name, list(found)) for name, found in grouped)]


def _option(name: str, value: str) -> str:
    """An option's value, unless its name says that it is a secret."""
    return value if masked(f"?{name}=x") == f"?{name}=x" else _MASK


def _all(settings: Settings, origins: Mapping[str, str]) -> list[Setting]:
    hidden = secrets_of(settings)
    plain = {row.name: row.value for row in shown(Loaded(Settings(sources=_defaults(settings)), {}))}
    return [_setting(row, plain.get(row.name), hidden) for row in shown(Loaded(settings, dict(origins)))]


def _setting(row: Shown, default: Any, secrets: Iterable[str]) -> Setting:
    value = _text(row.value)
    if row.name in _PERSONAL and value:
        value = _MASK
    # A program that embeds the server gives settings without saying from where.
    origin = row.origin if row.origin != "default" or row.value == default else "given at the start"
    return Setting(row.name, masked(value, secrets) if value != _MASK else value, origin)


def _defaults(settings: Settings) -> dict[str, SourceSettings]:
    return {name: SourceSettings() for name in settings.sources}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
