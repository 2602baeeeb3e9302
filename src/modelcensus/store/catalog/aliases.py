"""Names linked to models: what holds now, what held before, and what people decided, which stays for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.catalog.model import Alias, Relation
from modelcensus.store.catalog.rows import insert, update

_COLUMNS = "source, key, universal_model_id, relation, evidence, confidence, decided_by, valid_from, valid_to"


class LinkDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on a name. ``model_id`` None with ``linked`` False: it is to be linked to no model at all."""

    source: str
    key: str
    model_id: str | None
    linked: bool
    actor: str
    reason: str
    at: int


class Moved(msgspec.Struct, frozen=True):
    """How many aliases began and ended."""

    begun: int
    ended: int


def keep(tx: Connection, aliases: Iterable[Alias], at: int) -> Moved:
    """Make these the aliases that hold from now on: what is new begins, what is gone ends, what is the same stays.

    One name of a source is linked to one model at a time.
    """
    wanted = {(alias.source, alias.key): alias for alias in aliases}
    ending: list[tuple[Any, ...]] = []
    for row in tx.execute(text(f"SELECT id, {_COLUMNS} FROM alias WHERE valid_to IS NULL")):
        alias = _alias(row[1:])
        other = wanted.get((alias.source, alias.key))
        if other and _meaning(other) == _meaning(alias):
            del wanted[alias.source, alias.key]
        else:
            ending.append((max(at, alias.valid_from), row[0]))
    update(tx, "alias", ("valid_to",), ending)
    free = int(tx.execute(text("SELECT coalesce(max(id), 0) + 1 FROM alias")).scalar_one())
    rows = [
        (number, alias.source, alias.key, alias.model_id, alias.relation.value, alias.evidence, alias.confidence,
         alias.decided_by, at)
        for number, alias in enumerate(wanted.values(), free)
    ]  # fmt: skip
    columns = ("id", *_COLUMNS.removesuffix(", valid_to").split(", "))
    insert(tx, "alias", columns, rows)
    return Moved(len(rows), len(ending))


def current(tx: Connection, *, at: int | None = None) -> list[Alias]:
    """The aliases that hold now, or held at a time, by source and key."""
    when = "valid_to IS NULL" if at is None else "valid_from <= :at AND (valid_to IS NULL OR valid_to > :at)"
    return _read(tx, when, {} if at is None else {"at": at})


def of_key(tx: Connection, key: str, *, source: str | None = None) -> list[Alias]:
    """Every alias that this name has or had, newest first."""
    found = _read(tx, "key = :key AND (CAST(:source AS TEXT) IS NULL OR source = :source)",
                  {"key": key, "source": source})  # fmt: skip
    return sorted(found, key=lambda alias: (alias.valid_to is not None, -alias.valid_from, alias.source))


def of_model(tx: Connection, model_id: str) -> list[Alias]:
    """The aliases of a model that hold now, by source and key."""
    return _read(tx, "universal_model_id = :id AND valid_to IS NULL", {"id": model_id})


def waiting(tx: Connection) -> int:
    """How many current listings have no alias that holds: no rule links their names."""
    sql = """SELECT count(*) FROM listing l JOIN entity e ON e.id = l.entity_id JOIN source s ON s.id = e.source_id
    WHERE l.data IS NOT NULL AND l.excluded IS NULL AND NOT EXISTS
    (SELECT 1 FROM alias a WHERE a.source = s.name AND a.key = e.key AND a.valid_to IS NULL)"""
    return int(tx.execute(text(sql)).scalar_one())


def decide(tx: Connection, decision: LinkDecision) -> None:
    """Keep a person's word for ever. The latest one on the same name and model counts (``decisions``)."""
    sql = """INSERT INTO link_decision (id, source, key, universal_model_id, verb, actor, reason, at)
    SELECT coalesce(max(id), 0) + 1, :source, :key, :model, :verb, :actor, :reason, :at FROM link_decision"""
    values = {
        "source": decision.source, "key": decision.key, "model": decision.model_id, "actor": decision.actor,
        "verb": "link" if decision.linked else "unlink", "reason": decision.reason, "at": decision.at,
    }  # fmt: skip
    tx.execute(text(sql), values)


def decisions(tx: Connection) -> list[LinkDecision]:
    """Every word of a person's on a name, oldest first: of those on one name the later ones win."""
    sql = "SELECT source, key, universal_model_id, verb, actor, reason, at FROM link_decision ORDER BY id"
    return [
        LinkDecision(
            source=row[0], key=row[1], model_id=row[2], linked=row[3] == "link", actor=row[4], reason=row[5], at=row[6]
        )
        for row in tx.execute(text(sql))
    ]


def _meaning(alias: Alias) -> tuple[object, ...]:
    return (alias.model_id, alias.relation, alias.evidence, alias.confidence, alias.decided_by)


def _read(tx: Connection, where: str, values: dict[str, Any]) -> list[Alias]:
    rows = tx.execute(text(f"SELECT {_COLUMNS} FROM alias WHERE {where} ORDER BY source, key, valid_from"), values)
    return [_alias(row) for row in rows]


def _alias(row: Any) -> Alias:
    return Alias(
        source=row[0], key=row[1], model_id=row[2], relation=Relation(row[3]), evidence=row[4], confidence=row[5],
        decided_by=row[6], valid_from=row[7], valid_to=row[8],
    )  # fmt: skip
