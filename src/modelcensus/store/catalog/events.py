"""What revisions did to models: versions beside the ones before them, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.catalog.model import Status

_REVISIONS = 200
"""Revisions that are looked up at a time."""
_ROWS = 200
"""Versions that are read at a time: a first revision may have thousands, and a page wants few of them."""
_END = 2**31 - 1


class Part(msgspec.Struct, frozen=True):
    """Versions of one revision, from one position (the first is 1) to another, both included."""

    revision: int
    at: int
    first: int
    last: int


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """One version and the one before it; ``fields`` and ``origins`` are JSON text, None before the first."""

    position: int
    model_id: str
    status: Status
    fields: str
    origins: str
    before: Status | None
    fields_before: str | None


def head(tx: Connection) -> tuple[int, int]:
    """The last place of all: the newest revision and its last position. (0, 0) before the first."""
    row = tx.execute(text("SELECT number, models FROM revision ORDER BY number DESC LIMIT 1")).first()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def parts(
    tx: Connection, after: tuple[int, int], before: tuple[int, int] | None, *, newest_first: bool
) -> Iterator[Part]:
    """All versions between two places (revision, position), in order, in parts that are small enough to read."""
    for number, at, models in _revisions(tx, after, before, newest_first=newest_first):
        first = after[1] + 1 if number == after[0] else 1
        last = min(models, before[1] - 1) if before and number == before[0] else models
        starts = range(first, last + 1, _ROWS)
        for start in reversed(starts) if newest_first else starts:
            yield Part(number, at, start, min(start + _ROWS - 1, last))


def parts_of(
    tx: Connection, model_id: str, after: tuple[int, int], before: tuple[int, int] | None, *, newest_first: bool
) -> Iterator[Part]:
    """The same for the versions of one model, each a part of its own."""
    order = "DESC" if newest_first else "ASC"
    sql = f"""SELECT v.revision, r.at, (
        SELECT count(*) FROM model_version w JOIN model n ON n.id = w.model_id
        WHERE w.revision = v.revision AND n.universal_model_id <= m.universal_model_id)
    FROM model m JOIN model_version v ON v.model_id = m.id JOIN revision r ON r.number = v.revision
    WHERE m.universal_model_id = :id ORDER BY v.revision {order}"""
    for number, at, position in tx.execute(text(sql), {"id": model_id}).all():
        if after < (number, position) and (before is None or (number, position) < before):
            yield Part(number, at, position, position)


def turned(tx: Connection, part: Part) -> list[Turned]:
    """The versions of a part, by position."""
    sql = """SELECT s.name, v.status, v.fields, v.origins, p.status, p.fields FROM (
        SELECT w.model_id AS row_id, m.universal_model_id AS name FROM model_version w JOIN model m ON m.id = w.model_id
        WHERE w.revision = :revision ORDER BY m.universal_model_id LIMIT :count OFFSET :skipped) s
    JOIN model_version v ON v.model_id = s.row_id AND v.revision = :revision
    LEFT JOIN model_version p ON p.model_id = s.row_id AND p.revision = (
        SELECT max(q.revision) FROM model_version q WHERE q.model_id = s.row_id AND q.revision < :revision)
    ORDER BY s.name"""
    values = {"revision": part.revision, "count": part.last - part.first + 1, "skipped": part.first - 1}
    rows: list[Any] = list(tx.execute(text(sql), values).all())
    return [
        Turned(
            position=position, model_id=row[0], status=Status(row[1]), fields=row[2], origins=row[3],
            before=Status(row[4]) if row[4] else None, fields_before=row[5],
        )
        for position, row in enumerate(rows, part.first)
    ]  # fmt: skip


def _revisions(
    tx: Connection, after: tuple[int, int], before: tuple[int, int] | None, *, newest_first: bool
) -> Iterator[tuple[int, int, int]]:
    """(number, time, versions) of the revisions between two places, looked up as far as they are asked for."""
    low, high = after[0], before[0] if before else _END
    order = "DESC" if newest_first else "ASC"
    sql = f"""SELECT number, at, models FROM revision WHERE number >= :low AND number <= :high
    ORDER BY number {order} LIMIT :limit"""
    while low <= high:
        found = tx.execute(text(sql), {"low": low, "high": high, "limit": _REVISIONS}).all()
        yield from ((int(row[0]), int(row[1]), int(row[2])) for row in found)
        if len(found) < _REVISIONS:
            return
        if newest_first:
            high = found[-1][0] - 1
        else:
            low = found[-1][0] + 1
