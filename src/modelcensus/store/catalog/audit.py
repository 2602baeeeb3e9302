"""The audit log: who did what to which thing, when, with what before and after, and why. It only grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core import canonical
from modelcensus.core.catalog.model import AuditEntry
from modelcensus.store.bulk import select_in

_COLUMNS = "id, at, actor, act, target, before_data, after_data, reason, revision"
_INSERT = (
    f"INSERT INTO audit ({_COLUMNS}) VALUES (:id, :at, :actor, :act, :target, :before, :after, :reason, :revision)"
)

_CONDITIONS = {
    "target": "target = :target", "actor": "actor = :actor", "act": "act = :act", "since": "at >= :since",
    "revision": "revision = :revision", "before_id": "id < :before_id",
}  # fmt: skip
_WIDEST = 20_000
"""Entries that one act may have: one transaction writes them, so their numbers follow each other."""


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
    where, values = _asked(
        target=target, actor=actor, act=act, since=since, revision=revision, before_id=before_id
    )  # fmt: skip
    rows = tx.execute(
        text(f"SELECT {_COLUMNS} FROM audit {where} ORDER BY id DESC LIMIT :limit"), {**values, "limit": limit}
    )
    return [_entry(row) for row in rows]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act of somebody's on one thing or on many: as many entries, one after the other, of one time.

    ``first`` is the earliest of its entries that were asked for, ``last`` the number of the latest, ``count`` how many
    they are.
    """

    first: AuditEntry
    last: int
    count: int


def acts(
    tx: Connection, *, target: str | None = None, actor: str | None = None, act: str | None = None,
    since: int | None = None, revision: int | None = None, before_id: int | None = None, limit: int = 100,
) -> list[Act]:  # fmt: skip
    """The same entries as ``entries``, those of one act together; ``before_id`` is the first of the last act's."""
    where, values = _asked(
        target=target, actor=actor, act=act, since=since, revision=revision, before_id=before_id
    )  # fmt: skip
    sql = f"""SELECT min(id), max(id), count(*) FROM audit {where} GROUP BY at, actor, act, revision
    ORDER BY max(id) DESC LIMIT :limit"""
    found = tx.execute(text(sql), {**values, "limit": limit}).all()
    rows = select_in(tx, f"SELECT {_COLUMNS} FROM audit WHERE id $in", "bigint", [row[0] for row in found])
    firsts = {row[0]: _entry(row) for row in rows}
    return [Act(first=firsts[first], last=last, count=count) for first, last, count in found]


def of_act(tx: Connection, audit_id: int) -> list[AuditEntry]:
    """All entries of the act that an entry belongs to, oldest first; none where there is no such entry."""
    sql = f"""SELECT {_COLUMNS} FROM audit WHERE id BETWEEN :id - {_WIDEST} AND :id + {_WIDEST}
    AND (at, actor, act, coalesce(revision, 0)) =
    (SELECT at, actor, act, coalesce(revision, 0) FROM audit WHERE id = :id) ORDER BY id"""
    return [_entry(row) for row in tx.execute(text(sql), {"id": audit_id})]


def between(tx: Connection, after: int, last: int) -> list[AuditEntry]:
    """Entries after one id and up to another, oldest first."""
    rows = tx.execute(
        text(f"SELECT {_COLUMNS} FROM audit WHERE id > :after AND id <= :last ORDER BY id"),
        {"after": after, "last": last},
    )
    return [_entry(row) for row in rows]


def _asked(**asked: Any) -> tuple[str, dict[str, Any]]:
    values = {name: value for name, value in asked.items() if value is not None}
    conditions = " AND ".join(_CONDITIONS[name] for name in values)
    return (f"WHERE {conditions}" if values else ""), values


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
