"""Metrics are kept for a while only; versions for ever."""

from __future__ import annotations

from sqlalchemy import Connection, text

_OLD = """DELETE FROM metric WHERE observed_at < :cutoff AND EXISTS (
    SELECT 1 FROM metric later WHERE later.entity_id = metric.entity_id AND later.name_id = metric.name_id
    AND later.observed_at > metric.observed_at AND later.observed_at <= :cutoff)"""


def prune_metrics(tx: Connection, cutoff: int) -> int:
    """Forget metric points before ``cutoff``, but for the one of each series that was in force then. How many."""
    return int(tx.execute(text(_OLD), {"cutoff": cutoff}).rowcount)
