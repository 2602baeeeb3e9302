"""One entry of the audit log as a page tells it: what it is about, and each field before and after."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from modelcensus.core.catalog.model import AuditEntry
from modelcensus.core.change import ABSENT, FieldChange, differences
from modelcensus.operations.catalog.curating import UNDOABLE
from modelcensus.web.rendering.shown import entity_url, minute, model_url

_OF_MODELS = frozenset({*UNDOABLE, "override", "clear override", "release"})
_OF_PLANS = frozenset({"reject", "reopen", "rollback"})


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An entry, where its target is looked at (empty: nowhere), its fields before and after, and its undo."""

    entry: AuditEntry
    link: str
    fields: tuple[FieldChange, ...]
    undoable: bool


def told(entry: AuditEntry) -> Told:
    """One entry."""
    return Told(entry=entry, link=_link(entry), fields=tuple(_fields(entry)), undoable=entry.act in UNDOABLE)


def _link(entry: AuditEntry) -> str:
    if entry.act in _OF_MODELS:
        return f"/admin{model_url(entry.target.partition('#')[0])}"
    if entry.act in _OF_PLANS:
        return f"/admin/plans/{quote(entry.target, safe='')}"
    if entry.act == "apply" and isinstance(entry.after, dict) and isinstance(entry.after.get("plan"), str):
        return f"/admin/plans/{quote(entry.after['plan'], safe='')}"
    if entry.act in ("link", "unlink"):
        source, _, key = entry.target.partition("/")
        return entity_url(key, source)
    return ""


def _fields(entry: AuditEntry) -> list[FieldChange]:
    if entry.act in ("override", "clear override"):
        return _override(entry)
    if entry.act in ("link", "unlink"):
        return [FieldChange("model", _present(entry.before), _present(entry.after))]
    before, after = entry.before, entry.after
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        return list(differences(_members(before), _members(after)))
    return [FieldChange("", _present(before), _present(after))]


def _override(entry: AuditEntry) -> list[FieldChange]:
    was, is_ = entry.before or {}, entry.after or {}
    path = is_.get("path") or was.get("path") or ""
    found = [FieldChange(path, was.get("value", ABSENT), is_.get("value", ABSENT))]
    ends = [f"{minute(end)} UTC" if isinstance(end := each.get("expires_at"), int) else ABSENT for each in (was, is_)]
    # Who does it answers for it, as a rule: that goes without saying.
    owners = [_present(each.get("owner") if each.get("owner") != entry.actor else None) for each in (was, is_)]
    for name, (one, other) in (("until", ends), ("owner", owners)):
        if one != other:
            found.append(FieldChange(name, one, other))
    return found


def _members(fields: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (fields or {}).items() if value is not None}


def _present(value: Any) -> Any:
    return ABSENT if value is None else value
