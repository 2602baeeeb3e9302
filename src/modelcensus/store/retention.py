"""Metrics are kept for a while only; versions for ever."""

from __future__ import annotations

from sqlalchemy import Connection, text

from modelcensus.store.metric_packing import thin

_OLD = """DELETE FROM metric WHERE observed_at < :cutoff AND EXISTS (
    SELECT 1 FROM metric later WHERE later.entity_id = metric.entity_id AND later.name_id = metric.name_id
    AND later.observed_at > metric.observed_at AND later.observed_at <= :cutoff)"""
_ALL = range(2**62)


def prune_metrics(tx: Connection, cutoff: int) -> int:
    """Forget metric points before ``cutoff``, but for the one of each series that was in force then. How many."""
    plain = int(tx.execute(text(_OLD), {"cutoff": cutoff}).rowcount)
    return plain + thin(tx, _ALL, cutoff, lambda _, later: later <= cutoff)
