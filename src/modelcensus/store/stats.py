"""The census counted."""

from __future__ import annotations

import os

from sqlalchemy import Connection, make_url, text

from modelcensus.core.records import Stats


def stats(tx: Connection, url: str, shown_url: str) -> Stats:
    """Counts of everything there is."""
    live = live_by_category(tx)
    first, last = tx.execute(text("SELECT min(observed_at), max(observed_at) FROM coverage")).one()
    return Stats(
        database=shown_url,
        size_bytes=_size(tx, url),
        sources=_count(tx, "source"),
        syncs=_count(tx, "sync"),
        entities=live,
        live=sum(count for counts in live.values() for count in counts.values()),
        snapshots=_count(tx, "snapshot"),
        tombstones=_count(tx, "snapshot WHERE body_id IS NULL"),
        bodies=_count(tx, "body"),
        metrics=_count(tx, "metric") + _packed_points(tx),
        quarantined=_count(tx, "quarantine"),
        first_observed_at=first,
        last_observed_at=last,
    )


def last_observed(tx: Connection) -> int | None:
    """The observed time of the latest reading."""
    return tx.execute(text("SELECT max(observed_at) FROM coverage")).scalar()


def live_by_source(tx: Connection) -> dict[str, int]:
    """Live entities of each source."""
    sql = "SELECT s.name, count(e.body_id) FROM source s JOIN entity e ON e.source_id = s.id GROUP BY s.name"
    return {row[0]: row[1] for row in tx.execute(text(sql))}


def live_by_category(tx: Connection) -> dict[str, dict[str, int]]:
    """Live entities of each source and category."""
    sql = """SELECT s.name, e.category, count(e.body_id) FROM source s JOIN entity e ON e.source_id = s.id
    GROUP BY s.name, e.category ORDER BY s.name, e.category"""
    found: dict[str, dict[str, int]] = {}
    for source, category, count in tx.execute(text(sql)):
        found.setdefault(source, {})[category] = count
    return found


def _packed_points(tx: Connection) -> int:
    return int(tx.execute(text("SELECT coalesce(sum(points), 0) FROM metric_block")).scalar() or 0)


def _count(tx: Connection, what: str) -> int:
    return int(tx.execute(text(f"SELECT count(*) FROM {what}")).scalar() or 0)


def _size(tx: Connection, url: str) -> int:
    if tx.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0)
    path = make_url(url).database or ""
    return sum(os.path.getsize(name) for name in (path, f"{path}-wal") if os.path.exists(name))
