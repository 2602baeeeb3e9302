"""Facts files: prices, limits and announced dates of a provider's models, each with its source and its date.

See ``docs/howto/native-prices.md`` for how one is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from modelcensus.core.errors import SettingsError
from modelcensus.core.native import LIMITS, PRICES, Facts, Finder, Rates, Tier, first_of
from modelcensus.sources.native import tables
from modelcensus.sources.native.tables import Paper, Table

PROVIDERS = ("openai", "anthropic", "google")
"""Those for which a file is shipped."""
MOST = Decimal(10_000)
"""USD per million tokens. Nothing costs so much; a price above it is in another unit."""
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,12})?")
_CUTOFF = re.compile(r"20\d\d(-(0[1-9]|1[0-2])(-([0-2]\d|3[01]))?)?")
_MODALITIES = frozenset({"text", "image", "pdf", "audio", "video"})
_TIER = frozenset({"above", *PRICES})
_MODEL = frozenset(
    {
        *PRICES, *LIMITS, "ids", "source", "checked", "knowledge_cutoff", "reads", "answers", "until", "deprecated",
        "retires", "successor", "lifecycle_source", "note", "free", "tier",
    }
)  # fmt: skip
_DEFAULTS = frozenset({"source", "lifecycle_source"})


class Shelves(msgspec.Struct, frozen=True):
    """The facts of one provider. ``own_file`` is where a user's own entries are, or would be."""

    find: Finder
    entries: tuple[Facts, ...]
    own_file: str | None


def shelves(provider: str, own_folder: Path | None, *, today: date) -> Shelves:
    """What the user's own file says of a provider's models, then what the shipped one says.

    An entry of the user's stands for its ids whole: two sources are not mixed in one model. Raises ``SettingsError``.
    """
    read: list[tuple[Facts, ...]] = []
    own_file = None
    if own_folder is not None:
        if not own_folder.is_dir():
            raise SettingsError(f"native_facts: there is no folder {own_folder}", "make it, or correct the setting")
        path = own_folder / f"{provider}.toml"
        own_file = str(path)
        if path.exists():
            read.append(load_facts(tables.own(path), own_file, own=True, today=today))
    if provider in PROVIDERS:
        read.append(_shipped(provider))
    return Shelves(first_of(read), tuple(facts for shelf in read for facts in shelf), own_file)


def facts_for(provider: str, name: str, own_folder: Path | None, *, today: date) -> Facts | None:
    """What the files say of one model. Raises ``SettingsError``."""
    return shelves(provider, own_folder, today=today).find(name)


@cache
def _shipped(provider: str) -> tuple[Facts, ...]:
    return load_facts(tables.shipped(f"{provider}.toml"), f"the shipped {provider}.toml")


def load_facts(text: str, file: str, *, own: bool = False, today: date | None = None) -> tuple[Facts, ...]:
    """Every entry of a facts file. With ``today``, nothing may have been checked after it.

    Raises ``SettingsError`` that names the file, the entry and what is wrong.
    """
    paper = tables.read(text, file, "model", mine=own)
    paper.top.only({"checked", "defaults"})
    entries = []
    seen: dict[str, Table] = {}
    for table in paper.entries:
        facts = _entry(table, _defaults(paper), paper.top.day("checked"))
        if today and facts.checked > today:
            raise table.wrong(f"'checked' is in the future: {facts.checked}", "write the day on which you looked")
        for name in facts.ids:
            if name in seen:
                other = seen[name].origin
                raise table.wrong(f"the id '{name}' is in {other} already", "keep it in one entry")
            seen[name] = table
        entries.append(facts)
    return tuple(entries)


def _defaults(paper: Paper) -> Table:
    given = paper.top.members.get("defaults", {})
    if not isinstance(given, dict):
        raise paper.top.wrong("'defaults' must be a table", "write [defaults] and the fields below it")
    table = Table(given, paper.top.origin, f"{paper.file}: [defaults]")
    table.only(_DEFAULTS)
    return table


def _entry(table: Table, defaults: Table, checked: date | None) -> Facts:
    table.only(_MODEL)
    source = table.address("source") or defaults.address("source")
    if source is None:
        raise table.wrong("it has no source", 'write source = "https://..." here or under [defaults]')
    day = table.day("checked") or checked
    if day is None:
        raise table.wrong("nothing says when it was checked", "write checked = 2026-03-01 here or at the top")
    free = table.flag("free")
    rates = _rates(table, free=free)
    if rates.known() and (rates.input is None or rates.output is None):
        raise table.wrong("a price of input or output is missing", "write both, or no price at all")
    return Facts(
        ids=_ids(table),
        source=source,
        checked=day,
        origin=table.origin,
        rates=rates,
        tiers=_tiers(table, rates, free=free),
        free=free,
        context=table.tokens("context"),
        max_input=table.tokens("max_input"),
        max_output=table.tokens("max_output"),
        knowledge_cutoff=_cutoff(table),
        reads=_modalities(table, "reads"),
        answers=_modalities(table, "answers"),
        until=table.day("until"),
        deprecated=table.day("deprecated"),
        retires=table.day("retires"),
        successor=table.text("successor"),
        lifecycle_source=table.address("lifecycle_source") or defaults.address("lifecycle_source"),
        note=table.text("note"),
    )


def _ids(table: Table) -> tuple[str, ...]:
    ids = table.texts("ids")
    if not ids:
        raise table.wrong("it has no ids", 'write ids = ["gpt-4.1", "gpt-4.1-2025-04-14"]')
    for name in ids:
        if "*" in name[:-1] or name == "*":
            raise table.wrong(f"the id '{name}' has a * that is not at its end", 'write "gpt-4.1-*" or the whole id')
    if len(set(ids)) != len(ids):
        raise table.wrong("it names an id twice", "keep one")
    return ids


def _rates(table: Table, *, free: bool) -> Rates:
    return Rates(**{name: _price(table, name, free=free) for name in PRICES})


def _price(table: Table, name: str, *, free: bool) -> Decimal | None:
    value = table.members.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise table.wrong(
            f"the price '{name}' must be decimal text, for binary fractions are not exact", f'write {name} = "2.00"'
        )
    if not _DECIMAL.fullmatch(value):
        raise table.wrong(
            f"the price '{name}' is no decimal number: '{value[:40]}'", f'write USD per million: {name} = "2.00"'
        )
    price = Decimal(value)
    if price == 0 and not free:
        raise table.wrong(
            f"the price '{name}' is 0", "leave out what is not known; if it costs nothing add free = true to the entry"
        )
    if price > MOST:
        raise table.wrong(f"the price '{name}' is above {MOST}", "write USD per million tokens")
    return price


def _tiers(table: Table, base: Rates, *, free: bool) -> tuple[Tier, ...]:
    given = table.members.get("tier", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise table.wrong("'tier' must be entries", "write [[model.tier]] before each")
    tiers = [_tier(Table(each, table.origin, f"{table.label}, tier"), base, free=free) for each in given]
    if [tier.above for tier in tiers] != sorted({tier.above for tier in tiers}):
        raise table.wrong("its tiers are not in rising order", "sort them by 'above'")
    return tuple(tiers)


def _tier(table: Table, base: Rates, *, free: bool) -> Tier:
    table.only(_TIER)
    above = table.tokens("above")
    if above is None:
        raise table.wrong("it does not say above how many tokens", "write above = 200_000")
    rates = _rates(table, free=free)
    missing: Mapping[str, Any] = {name: 1 for name in rates.known() if name not in base.known()}
    if not rates.known() or missing:
        raise table.wrong("it has no price, or one that the model itself has not", "write the model's prices first")
    return Tier(above=above, rates=rates)


def _cutoff(table: Table) -> str | None:
    value = table.text("knowledge_cutoff")
    if value is not None and not _CUTOFF.fullmatch(value):
        raise table.wrong("'knowledge_cutoff' must be a year, a month or a day", 'write knowledge_cutoff = "2024-06"')
    return value


def _modalities(table: Table, name: str) -> tuple[str, ...]:
    value = table.texts(name)
    if unknown := [each for each in value if each not in _MODALITIES]:
        raise table.wrong(f"'{name}' has '{unknown[0]}'", f"it may have: {', '.join(sorted(_MODALITIES))}")
    return value
