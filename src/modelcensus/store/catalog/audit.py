"""The audit log: who did what to which thing, when, with what before and after, and why. It only grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core import canonical
from modelcensus.core.catalog.model import AuditEntry

_COLUMNS = "id, at, actor, act, target, before_data, after_data, reason, revision"
_INSERT = (
    f"INSERT INTO audit ({_COLUMNS}) VALUES (:id, :at, :actor, :act, :target, :before, :after, :reason, :revision)"
)


def append(tx: Connection, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Write entries in order; their ids are given here, one after the other. The entries as written."""
    last = tx.execute(text("SELECT coalesce(max(id), 0) FROM audit")).scalar_one()
    written = [msgspec.structs.replace(entry, id=last + number) for number, entry in enumerate(entries, 1)]
    if written:
        tx.execute(text(_INSERT), [_row(entry) for entry in written])
    return written


def entries(
    tx: Connection, *, target: str | None = None, actor: str | None = None, act: str | None = None,
    since: int | None = None, revision: int | None = None, before_id: int | None = None, limit: int = 100,
) -> list[AuditEntry]:  # fmt: skip
    """Entries, newest first; ``before_id`` pages on, ``since`` is a time."""
    asked = {
        "target = :target": target, "actor = :actor": actor, "act = :act": act, "at >= :since": since,
        "revision = :revision": revision, "id < :before_id": before_id,
    }  # fmt: skip
    given = {condition: value for condition, value in asked.items() if value is not None}
    where = f"WHERE {' AND '.join(given)}" if given else ""
    values = {condition.rpartition(":")[2]: value for condition, value in given.items()}
    rows = tx.execute(
        text(f"SELECT {_COLUMNS} FROM audit {where} ORDER BY id DESC LIMIT :limit"), {**values, "limit": limit}
    )
    return [_entry(row) for row in rows]


def between(tx: Connection, after: int, last: int) -> list[AuditEntry]:
    """Entries after one id and up to another, oldest first."""
    rows = tx.execute(
        text(f"SELECT {_COLUMNS} FROM audit WHERE id > :after AND id <= :last ORDER BY id"),
        {"after": after, "last": last},
    )
    return [_entry(row) for row in rows]


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id, "at": entry.at, "actor": entry.actor, "act": entry.act, "target": entry.target,
        "before": _json(entry.before), "after": _json(entry.after), "reason": entry.reason, "revision": entry.revision,
    }  # fmt: skip


def _json(value: Any) -> str | None:
    return None if value is None else canonical.encode(value).decode()


def _entry(row: Any) -> AuditEntry:
    before, after = (None if each is None else msgspec.json.decode(each) for each in (row[5], row[6]))
    return AuditEntry(
        id=row[0], at=row[1], actor=row[2], act=row[3], target=row[4], before=before, after=after, reason=row[7],
        revision=row[8],
    )  # fmt: skip
