"""What has moved: four numbers that tell whether whatever was made of the catalog is still current."""

from __future__ import annotations

from sqlalchemy import Connection, text

from modelcensus.core.catalog.edition import Stamp

_STAMP = """SELECT (SELECT coalesce(max(number), 0) FROM revision), (SELECT coalesce(max(id), 0) FROM audit),
(SELECT coalesce(max(id), 0) FROM sync), (SELECT times FROM refreshed)"""


def stamp(tx: Connection) -> Stamp:
    """The stamp of now."""
    revision, audit_id, sync_id, refreshed = tx.execute(text(_STAMP)).one()
    return Stamp(revision=revision, audit_id=audit_id, sync_id=sync_id, refreshed=refreshed)


def count_refresh(tx: Connection) -> None:
    """Note that listings, offerings or names were written."""
    tx.execute(text("UPDATE refreshed SET times = times + 1"))
