"""What the record says beside the listings: since when nobody lists a model, and what its fields recently were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.catalog.model import Value
from modelcensus.core.catalog.planning import Absence
from modelcensus.store.bulk import select_in

RECENT = 12
"""Versions of a model whose values count as recent."""
_fields = msgspec.json.Decoder(dict[str, Any])

_GONE = """SELECT DISTINCT a.universal_model_id, e.source_id, s.name, e.category, v.observed_at, v.body_id IS NULL,
    EXISTS (SELECT 1 FROM alias o WHERE o.source = a.source AND o.key = a.key AND o.valid_from <= $p
            AND (o.valid_to IS NULL OR o.valid_to > $p) AND o.universal_model_id <> a.universal_model_id)
FROM alias a JOIN source s ON s.name = a.source JOIN entity e ON e.source_id = s.id AND e.key = a.key
JOIN snapshot v ON v.entity_id = e.id AND (v.observed_at, v.sync_id) = (
    SELECT w.observed_at, w.sync_id FROM snapshot w WHERE w.entity_id = e.id AND w.observed_at <= $p
    ORDER BY w.observed_at DESC, w.sync_id DESC LIMIT 1)
WHERE a.valid_from <= $p AND a.universal_model_id $in"""
_WHOLE = """SELECT observed_at FROM coverage WHERE source_id = :source AND category = :category AND removes = 1
AND observed_at >= :since AND observed_at <= :at ORDER BY observed_at"""
FOREVER = 2**62


def absences(tx: Connection, model_ids: Sequence[str], *, at: int = FOREVER) -> dict[str, list[Absence]]:
    """By model, each source that used to list it: when it was read whole without it since it last did.

    A model that a source still lists, under a name that now means no model, is not absent. ``at``: as of then, in
    microseconds.
    """
    last: dict[tuple[str, str], tuple[int, str, int]] = {}
    listed: set[str] = set()
    rows = select_in(tx, _GONE, "text", model_ids, at, at, at, at)
    for model_id, source_id, source, category, gone_at, gone, another in rows:
        if not gone:
            listed.update([] if another else [model_id])
            continue
        before = last.get((model_id, source))
        if before is None or gone_at > before[2]:
            last[model_id, source] = (source_id, category, gone_at)
    found: dict[str, list[Absence]] = {}
    for (model_id, source), (source_id, category, since) in sorted(last.items()):
        if model_id in listed:
            continue
        whole = tx.execute(text(_WHOLE), {"source": source_id, "category": category, "since": since, "at": at})
        found.setdefault(model_id, []).append(Absence(source, tuple(row[0] for row in whole)))
    return found


_NOW = "o.valid_from <= $p AND (o.valid_to IS NULL OR o.valid_to > $p)"
_MOVED = f"""SELECT a.universal_model_id, min(o.universal_model_id)
FROM alias a JOIN alias o ON o.source = a.source AND o.key = a.key AND {_NOW}
WHERE a.valid_from <= $p AND a.relation IN ('same', 'snapshot') AND o.universal_model_id <> a.universal_model_id
AND NOT EXISTS (SELECT 1 FROM alias o WHERE o.universal_model_id = a.universal_model_id AND {_NOW})
AND a.universal_model_id $in GROUP BY a.universal_model_id"""


def superseded(tx: Connection, model_ids: Sequence[str], *, at: int = FOREVER) -> dict[str, str]:
    """Models that no name means any more, since their names mean another one now: id -> that other id.

    So it is where a source that makes models comes to list one under an id of its own. ``at``: as of then.
    """
    return {row[0]: row[1] for row in select_in(tx, _MOVED, "text", model_ids, *[at] * 5)}


def recent_values(
    tx: Connection, model_ids: Iterable[str], *, until: int = 2**31 - 1
) -> dict[str, dict[str, list[Value]]]:
    """By model and path, the values of the last few published versions up to a revision, oldest first."""
    sql = """SELECT m.universal_model_id, v.fields FROM model m JOIN model_version v ON v.model_id = m.id
    WHERE v.revision <= $p AND m.universal_model_id $in ORDER BY v.revision"""
    versions: dict[str, list[dict[str, Any]]] = {}
    for model_id, fields in select_in(tx, sql, "text", list(model_ids), until):
        versions.setdefault(model_id, []).append(_fields.decode(fields))
    found: dict[str, dict[str, list[Value]]] = {}
    for model_id, said in versions.items():
        paths: dict[str, list[Value]] = {}
        for fields in said[-RECENT:]:
            for path, value in fields.items():
                paths.setdefault(path, []).append(value)
        found[model_id] = paths
    return found
