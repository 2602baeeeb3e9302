"""What has moved: four numbers that tell whether whatever was made of the catalog is still current."""

from __future__ import annotations

from sqlalchemy import Connection, text

from modelcensus.core.catalog.edition import Stamp

STAMP = """SELECT (SELECT coalesce(max(number), 0) FROM revision), (SELECT coalesce(max(id), 0) FROM audit),
(SELECT coalesce(max(id), 0) FROM sync), (SELECT times FROM refreshed)"""
"""One row: the members of a ``Stamp``."""


def stamp(tx: Connection) -> Stamp:
    """The stamp of now."""
    revision, audit_id, sync_id, refreshed = tx.execute(text(STAMP)).one()
    return Stamp(revision=revision, audit_id=audit_id, sync_id=sync_id, refreshed=refreshed)


def names(tx: Connection) -> tuple[int, int]:
    """What has moved of what names mean: the last word of a person's on one, and the refreshes counted."""
    sql = "SELECT (SELECT coalesce(max(id), 0) FROM link_decision), (SELECT times FROM refreshed)"
    decided, refreshed = tx.execute(text(sql)).one()
    return int(decided), int(refreshed)


def count_refresh(tx: Connection) -> None:
    """Note that listings, offerings or names were written."""
    tx.execute(text("UPDATE refreshed SET times = times + 1"))


_LATEST = """SELECT max(latest) FROM (
SELECT max(observed_at) AS latest FROM sync WHERE observed_at <= :time UNION ALL
SELECT max(at) FROM revision WHERE at <= :time UNION ALL
SELECT max(at) FROM link_decision WHERE at <= :time UNION ALL
SELECT max(created_at) FROM override WHERE created_at <= :time UNION ALL
SELECT max(expires_at) FROM override WHERE expires_at <= :time) AS moved"""


def latest_move(tx: Connection, time: int) -> int | None:
    """When the catalog last moved at or before a time (microseconds): from then to that time it was the same."""
    found = tx.execute(text(_LATEST), {"time": time}).scalar()
    return None if found is None else int(found)


_TRAIL = """SELECT (SELECT chain FROM revision ORDER BY number DESC LIMIT 1),
(SELECT chain FROM sync WHERE chain IS NOT NULL ORDER BY id DESC LIMIT 1),
(SELECT at FROM audit ORDER BY id DESC LIMIT 1)"""


def trail(tx: Connection) -> str:
    """What tells this history from any other, also from one that a restored backup led to: links of both chains."""
    revision, sync, acted_at = tx.execute(text(_TRAIL)).one()
    return f"{bytes(revision or b'').hex()} {bytes(sync or b'').hex()} {acted_at}"
