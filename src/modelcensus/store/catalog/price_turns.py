"""The main prices of many models over time, as they were published, and when revisions came."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from modelcensus.core.catalog.fields import number
from modelcensus.core.catalog.glance import Turn
from modelcensus.store.bulk import select_in

_PATHS = ("price.input", "price.output")
# Of each version only its prices are read: its fields may be some kilobytes of description.
_TURNS = """SELECT m.universal_model_id, r.at, {prices} FROM model m
JOIN model_version v ON v.model_id = m.id AND v.revision <= $p AND v.revision >= coalesce((
    SELECT max(q.revision) FROM model_version q WHERE q.model_id = m.id AND q.revision <= $p), 0)
JOIN revision r ON r.number = v.revision
WHERE m.universal_model_id $in ORDER BY m.universal_model_id, v.revision"""


def price_turns(tx: Connection, model_ids: Sequence[str], *, since: int, until: int) -> dict[str, list[Turn]]:
    """Prices by model, oldest first: from those that the revision ``since`` left, through the revision ``until``."""
    read = "json_extract(v.fields, '$.\"{}\"')" if tx.dialect.name == "sqlite" else "v.fields::json ->> '{}'"
    sql = _TURNS.format(prices=", ".join(read.format(path) for path in _PATHS))
    if tx.dialect.name == "sqlite":
        sql = sql.replace("'$.", "'$$.")  # a dollar of its own, for what fills in the parameters
    found: dict[str, list[Turn]] = {}
    for model_id, at, *prices in select_in(tx, sql, "text", model_ids, until, since):
        turn = Turn(at, *(number(str(price)) if price is not None else None for price in prices))
        turns = found.setdefault(model_id, [])
        if not turns or (turns[-1].input, turns[-1].output) != (turn.input, turn.output):
            turns.append(turn)
    return found


def applied(tx: Connection, numbers: Sequence[int]) -> dict[int, int]:
    """When each of these revisions was applied, in microseconds."""
    rows = select_in(tx, "SELECT number, at FROM revision WHERE number $in", "bigint", numbers)
    return {int(row[0]): int(row[1]) for row in rows}
