"""The filter that keeps text LLMs: rules in a file, the shipped one or the user's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from modelcensus.core.native import Filter, Rule
from modelcensus.sources.native import tables
from modelcensus.sources.native.tables import Table

SHIPPED = "filter.toml"
_RULE = frozenset({"name", "action", "why", "ids", "providers", "field", "contains", "lacks"})
_OTHERWISE = ("keep", "exclude", "shipped rules")
_MAX_RULES = 10_000


def load_filter(own: Path | None) -> Filter:
    """The user's rules, then the shipped ones unless the file does without them. Raises ``SettingsError``."""
    return _shipped() if own is None else read_filter(tables.own(own), str(own), before=_shipped())


@cache
def _shipped() -> Filter:
    return read_filter(tables.shipped(SHIPPED), f"the shipped {SHIPPED}")


def read_filter(text: str, file: str, *, before: Filter | None = None) -> Filter:
    """The rules of a file; with ``before``, it may let those go on where its own end.

    Raises ``SettingsError`` that names the file, the rule and what is wrong.
    """
    paper = tables.read(text, file, "rule", mine=before is not None)
    paper.top.only({"otherwise"})
    allowed = _OTHERWISE if before else _OTHERWISE[:2]
    otherwise = paper.top.text("otherwise") or allowed[-1 if before else 0]
    if otherwise not in allowed:
        raise paper.top.wrong(f"'otherwise' is '{otherwise}'", f"it may be: {', '.join(allowed)}")
    if len(paper.entries) > _MAX_RULES:
        raise paper.top.wrong(f"it has more than {_MAX_RULES:,} rules", "use * in ids")
    rules = tuple(map(_rule, paper.entries))
    if before and otherwise == "shipped rules":
        return Filter((*rules, *before.rules), before.otherwise_keep, f"{file} and {before.file}")
    return Filter(rules, otherwise == "keep", file)


def _rule(table: Table) -> Rule:
    table.only(_RULE)
    name, why, action = table.text("name"), table.text("why"), table.text("action")
    if name is None:
        raise table.wrong("the rule has no name", 'write name = "embeddings"')
    if why is None:
        raise table.wrong("the rule does not say why", 'write why = "gives vectors, not text"')
    if action not in ("keep", "exclude"):
        raise table.wrong("the rule does not say what it does", 'write action = "exclude" or action = "keep"')
    rule = Rule(
        name=name,
        keep=action == "keep",
        why=why,
        origin=table.origin,
        ids=table.texts("ids"),
        providers=table.texts("providers"),
        field=table.text("field"),
        contains=table.texts("contains"),
        lacks=table.texts("lacks"),
    )
    if not (rule.ids or rule.providers or rule.field):
        raise table.wrong("the rule has no condition", "add ids, providers or field; for all models set 'otherwise'")
    if bool(rule.field) != bool(rule.contains or rule.lacks):
        raise table.wrong("'field' and 'contains' or 'lacks' go together", 'write field = "...", lacks = ["..."]')
    return rule
