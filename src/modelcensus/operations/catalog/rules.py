"""Curation by rules in a file, for models that no person has touched. The first rule that matches decides."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from modelcensus.core.catalog.curated import edited
from modelcensus.core.catalog.model import Status, Tier
from modelcensus.core.errors import InvalidInput
from modelcensus.operations.catalog.applying import named
from modelcensus.operations.catalog.curating import RULE, Edited, keep_edited
from modelcensus.sources.native import tables
from modelcensus.sources.native.tables import Table
from modelcensus.store.catalog import curation, models
from modelcensus.store.engine import Store

SEED = "seed.toml"
_MEMBERS = frozenset({"name", "match", "tiers", "curated", "enabled"})
_MOST = 10_000
_LONGEST = 200
_STARS = 5


class CurationRule(msgspec.Struct, frozen=True):
    """Models whose id matches (``*`` is any text), and what they get. ``changes`` are fields of a curation."""

    match: str
    changes: dict[str, Any]
    label: str

    def matches(self, model_id: str) -> bool:
        """Whether the rule speaks of this model."""
        return bool(re.fullmatch(".*".join(map(re.escape, self.match.split("*"))), model_id))


class RulesApplied(msgspec.Struct, frozen=True, kw_only=True):
    """What rules did: the models that they changed, and how many they left as they are, by why."""

    changed: tuple[Edited, ...]
    unchanged: int
    touched: int
    archived: int
    unmatched: int
    idle: tuple[str, ...]
    """Rules that match no model: perhaps a typing error."""


def load_rules(own: Path | None = None) -> tuple[CurationRule, ...]:
    """The rules of a file, or the shipped ones: well-known families. Raises ``SettingsError`` with the place."""
    if own is not None:
        return read_rules(tables.own(own), str(own))
    return read_rules(resources.files(__package__).joinpath(SEED).read_text("utf-8"), f"the shipped {SEED}")


def read_rules(text: str, file: str) -> tuple[CurationRule, ...]:
    """The rules of a TOML text. Raises ``SettingsError`` that names the file, the rule and what is wrong."""
    paper = tables.read(text, file, "rule", mine=True)
    paper.top.only(())
    if not 0 < len(paper.entries) <= _MOST:
        raise paper.top.wrong(
            f"it has no rule, or more than {_MOST:,}", 'write [[rule]] and match = "anthropic/claude-*"'
        )
    return tuple(map(_rule, paper.entries))


def apply_rules(
    store: Store, rules: tuple[CurationRule, ...], actor: str, now: int, *, preview: bool = False
) -> RulesApplied:
    """Curate by rules what no person has touched and is not archived, in one transaction, each with its audit entry.

    What a rule gave stays when the rule goes: a rule speaks when it is applied, and only then. ``preview`` tells what
    would be done, and does nothing.
    """
    who = named(actor)
    counts = {"unchanged": 0, "touched": 0, "archived": 0, "unmatched": 0}
    used: set[str] = set()
    by_rule: dict[str, list[Edited]] = {}
    with store.reading() if preview else store.writing() as tx:
        ids = models.ids(tx)
        statuses, befores = models.statuses(tx, ids), curation.find(tx, ids)
        for model_id in ids:
            rule = next((each for each in rules if each.matches(model_id)), None)
            if rule is None:
                counts["unmatched"] += 1
                continue
            used.add(rule.label)
            before = befores[model_id]
            if before.touched or statuses[model_id] is Status.ARCHIVED:
                counts["touched" if before.touched else "archived"] += 1
                continue
            result = Edited(model_id, before, edited(before, rule.changes, statuses[model_id], touched=False))
            if result.changed:
                by_rule.setdefault(rule.label, []).append(result)
            else:
                counts["unchanged"] += 1
        for label, results in () if preview else by_rule.items():
            keep_edited(tx, results, RULE, who, now, label)
    changed = sorted((each for results in by_rule.values() for each in results), key=lambda each: each.model_id)
    idle = tuple(rule.label for rule in rules if rule.label not in used)
    return RulesApplied(changed=tuple(changed), idle=idle, **counts)


def rule_of(
    match: str, *, tiers: Collection[Tier] | None = None, curated: bool | None = None, enabled: bool | None = None
) -> CurationRule:
    """A rule that a person gives as values. Raises ``InvalidInput`` for one that does nothing or matches too widely."""
    changes: dict[str, Any] = {
        name: value for name, value in (("is_curated", curated), ("enabled", enabled)) if value is not None
    }
    if tiers is not None:
        changes |= {f"is_{tier}": tier in tiers for tier in Tier}
    if not changes:
        raise InvalidInput(f"the rule for '{match[:80]}' does nothing", "give it tiers, curated or enabled")
    if not 0 < len(match) <= _LONGEST or match.count("*") > _STARS:
        raise InvalidInput(f"'{match[:80]}' is no pattern", 'write one such as "anthropic/claude-*"')
    return CurationRule(match, changes, match)


def _rule(table: Table) -> CurationRule:
    table.only(_MEMBERS)
    match = table.text("match")
    if match is None or len(match) > _LONGEST or match.count("*") > _STARS:
        raise table.wrong("the rule does not say what it matches", 'write match = "anthropic/claude-*"')
    changes: dict[str, Any] = {}
    for member, field in (("curated", "is_curated"), ("enabled", "enabled")):
        if member in table.members:
            changes[field] = table.flag(member)
    if "tiers" in table.members:
        tiers = table.texts("tiers")
        if strange := [each for each in tiers if each not in tuple(Tier)]:
            raise table.wrong(f"'{strange[0]}' is no tier", f"the tiers are: {', '.join(Tier)}")
        changes |= {f"is_{tier}": tier in tiers for tier in Tier}
    if not changes:
        raise table.wrong("the rule does nothing", 'add tiers = ["pro"], curated = true or enabled = true')
    return CurationRule(match, changes, f"{table.origin}: {match}")
