"""The few numbers that a monitor asks for again and again, cheap enough for that."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, text

_NUMBERS = """SELECT (SELECT coalesce(max(number), 0) FROM revision),
(SELECT count(*) FROM model WHERE status = 'active'), (SELECT count(*) FROM plan WHERE state = 'open'),
(SELECT count(*) FROM feed_refusal), (SELECT max(observed_at) FROM coverage)"""


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The census in numbers; ``syncs`` by status, ``observed_at`` in microseconds."""

    revision: int
    models: int
    plans_open: int
    feed_refusals: int
    observed_at: int | None
    syncs: dict[str, int]


def numbers(tx: Connection) -> Numbers:
    """The numbers of now."""
    revision, models, plans, refusals, observed_at = tx.execute(text(_NUMBERS)).one()
    syncs = tx.execute(text("SELECT status, count(*) FROM sync GROUP BY status ORDER BY status"))
    return Numbers(
        revision=revision, models=models, plans_open=plans, feed_refusals=refusals, observed_at=observed_at,
        syncs={row[0]: row[1] for row in syncs},
    )  # fmt: skip
