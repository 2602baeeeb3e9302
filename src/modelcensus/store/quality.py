"""Findings of live entities, and the score of each sync."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.check import Refers, Severity, Unique
from modelcensus.core.quality import HINTS, EntityFinding, Finding, FindingKind, Link, Score, finding_of, rule_name
from modelcensus.store.bulk import chunks, entities_by_key, insert, select_in
from modelcensus.store.inspection import NextSync, Touched

_COLUMNS = ("source_id", "category", "entity_id", "rule", "path", "kind", "severity", "detail", "since_sync")
_SCOPE = "source_id = $p AND category = $p"
_DROP_LINKED = f"""DELETE FROM finding WHERE {_SCOPE} AND rule = $p AND (entity_id, path) IN (
    SELECT l.entity_id, l.path FROM finding_link l WHERE l.source_id = $p AND l.category = $p AND l.rule = $p
    AND l.said $in) RETURNING entity_id"""
_UNTOLD = f"""SELECT l.entity_id, l.path, l.said FROM finding_link l WHERE {_SCOPE} AND rule = $p
    AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.source_id = l.source_id AND f.category = l.category
                    AND f.entity_id = l.entity_id AND f.rule = l.rule AND f.path = l.path) AND l.said $in"""
_PAGE_FAULTS = "'duplicate_key', 'truncated', 'wrong_top_level'"
"""Faults that are no entity's: of a page, or of a second entity with the id of one that was taken."""
Since = dict[tuple[int, str, str], int]
"""Since which sync a finding holds, by entity, rule and path."""


class Judged(msgspec.Struct, gc=False):
    """One entity with what is wrong with it by itself, and what must be judged over the category."""

    entity: Touched
    findings: Sequence[Finding] = ()
    links: Sequence[Link] = ()


class Findings:
    """The findings of one category of a source, kept up during one sync."""

    def __init__(self, tx: Connection, source_id: int, category: str, sync_id: int) -> None:
        self._tx = tx
        self._source_id = source_id
        self._category = category
        self._sync_id = sync_id

    def replace(
        self, judged: Sequence[Judged], uniques: Iterable[Unique], refers: Iterable[Refers], *, rebuilding: bool = False
    ) -> None:
        """These entities have these findings now and no others. ``refers``: those whose targets have been read.

        What is wrong with others for their sake (they were alone with a value, or are again) is set right too.
        """
        known = [each.entity.entity_id for each in judged if rebuilding or each.entity.before is not None]
        since: Since = {}
        for entity_id, rule, path, sync_id in self._of(
            known, "DELETE FROM finding", "entity_id, rule, path, since_sync"
        ):
            since[entity_id, rule, path] = sync_id
        affected: dict[str, set[str]] = {}
        for rule, said in self._of(known, "DELETE FROM finding_link", "rule, said"):
            affected.setdefault(rule, set()).add(said)
        rows = []
        for each in judged:
            for link in each.links:
                affected.setdefault(link.rule, set()).add(link.said)
                rows.append((self._source_id, self._category, link.rule, link.said, each.entity.entity_id, link.path))
        insert(self._tx, "finding_link", ("source_id", "category", "rule", "said", "entity_id", "path"), rows)
        self._write([(each.entity.entity_id, finding) for each in judged for finding in each.findings], since)
        for check in refers:
            self._unresolved(check, judged, since)
        for unique in uniques:
            self._shared(unique, sorted(affected.get(rule_name(unique), ())), since)

    def resolve(self, check: Refers, appeared: Sequence[str], vanished: Sequence[str]) -> bool:
        """Entities of the category that the check refers to came or went; whether a finding changed."""
        rule = rule_name(check)
        scope = (self._source_id, self._category, rule)
        gone = select_in(self._tx, _DROP_LINKED, "text", appeared, *scope, *scope)
        rows = select_in(self._tx, _UNTOLD, "text", vanished, *scope)
        self._write([(row[0], finding_of(check, Link(rule, row[1], row[2]))) for row in rows], {})
        return bool(gone or rows)

    def resolve_all(self, check: Refers) -> bool:
        """Judge every reference of the category, once what it refers to has been read in full."""
        sql = """SELECT l.entity_id, l.path, l.said FROM finding_link l
        WHERE l.source_id = :source AND l.category = :category AND l.rule = :rule AND NOT EXISTS (
            SELECT 1 FROM entity e JOIN inspected i ON i.entity_id = e.id
            WHERE e.source_id = :source AND e.category = :target AND e.key = l.said)
        AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.source_id = :source AND f.category = :category
                        AND f.entity_id = l.entity_id AND f.rule = :rule AND f.path = l.path)"""
        rule = rule_name(check)
        values = {"source": self._source_id, "category": self._category, "rule": rule, "target": check.category}
        rows = self._tx.execute(text(sql), values).all()
        self._write([(row[0], finding_of(check, Link(rule, row[1], row[2]))) for row in rows], {})
        return bool(rows)

    def _unresolved(self, check: Refers, judged: Sequence[Judged], since: Since) -> None:
        rule = rule_name(check)
        own = [(each.entity.entity_id, link) for each in judged for link in each.links if link.rule == rule]
        inspected = "EXISTS (SELECT 1 FROM inspected i WHERE i.entity_id = e.id)"
        keys = sorted({link.said for _, link in own})
        found = entities_by_key(
            self._tx, f"e.key, {inspected}", keys, source_id=self._source_id, category=check.category
        )
        live = {key for key, is_live in found if is_live}
        self._write([(id_, finding_of(check, link)) for id_, link in own if link.said not in live], since)

    def _shared(self, check: Unique, values: Sequence[str], since: Since) -> None:
        rule = rule_name(check)
        scope = (self._source_id, self._category, rule)
        # In two steps: asked at once who else has it, PostgreSQL compares each with all where it has no statistics yet.
        counted = select_in(
            self._tx,
            f"""SELECT said FROM finding_link WHERE {_SCOPE} AND rule = $p AND said $in
                GROUP BY said HAVING count(*) > 1""",
            "text", values, *scope,
        )  # fmt: skip
        shared = {row[0] for row in counted}
        select_in(
            self._tx, _DROP_LINKED, "text", [said for said in values if said not in shared], *scope, *scope
        )  # fmt: skip
        rows = select_in(self._tx, _UNTOLD, "text", sorted(shared), *scope)
        self._write([(row[0], finding_of(check, Link(rule, row[1], row[2]))) for row in rows], since)

    def _of(self, entity_ids: Sequence[int], delete: str, returning: str) -> Sequence[Any]:
        sql = f"{delete} WHERE {_SCOPE} AND entity_id $in RETURNING {returning}"
        return select_in(self._tx, sql, "bigint", entity_ids, self._source_id, self._category)

    def _write(self, found: Sequence[tuple[int, Finding]], since: Since) -> None:
        rows: dict[tuple[int, str, str], tuple[Any, ...]] = {}
        for entity_id, each in found:
            place = (entity_id, each.rule, each.path)
            rows.setdefault(
                place,
                (self._source_id, self._category, *place, each.kind.value, each.severity.value, each.detail,
                 since.get(place, self._sync_id)),
            )  # fmt: skip
        for part in chunks(list(rows.values())):
            insert(self._tx, "finding", _COLUMNS, part)


def keep_score(
    tx: Connection, source_id: int, category: str, sync: NextSync, *, live: int, first: bool, tenths: Any
) -> None:
    """Write the score of a category after a sync. ``first``: faults that name no category are counted here.

    ``tenths``: the function that scores (entities, flawed, doubtful).
    """
    scope = {"source": source_id, "category": category, "sync": sync.id, "first": int(first)}
    faults = _FAULTS if sync.quarantined else ""
    row = tx.execute(text(_COUNTS.format(faults=faults)), scope).one()
    errors, warnings, flawed, doubtful = (int(each or 0) for each in row)
    quarantined, strangers = 0, 0
    if sync.quarantined:
        quarantined, strangers = (int(each or 0) for each in tx.execute(text(_STRANGERS), scope).one())
    entities, flawed = live + strangers, flawed + strangers
    values = {
        **scope, "entities": entities, "errors": errors + quarantined, "warnings": warnings, "flawed": flawed,
        "doubtful": doubtful, "quarantined": quarantined, "tenths": tenths(entities, flawed, doubtful),
    }  # fmt: skip
    tx.execute(text(_KEEP_SCORE), values)


def repeat_score(tx: Connection, source_id: int, category: str, sync: NextSync, *, same_payload: bool) -> bool:
    """Take over the score of the category's sync before; False if there is none, or it may have changed."""
    sql = """INSERT INTO quality SELECT source_id, category, :sync, entities, errors, warnings, flawed, doubtful,
    quarantined, score_tenths FROM quality WHERE source_id = :source AND category = :category
    AND sync_id = (SELECT max(q.sync_id) FROM quality q WHERE q.source_id = :source AND q.category = :category
                   AND q.sync_id < :sync) AND (quarantined = 0 OR :same = 1) ON CONFLICT DO NOTHING"""
    values = {"source": source_id, "category": category, "sync": sync.id, "same": int(same_payload)}
    return bool(tx.execute(text(sql), values).rowcount)


def last_scored(tx: Connection, source_id: int, category: str) -> int | None:
    """The latest sync that a category has a score of."""
    sql = "SELECT max(sync_id) FROM quality WHERE source_id = :source AND category = :category"
    return tx.execute(text(sql), {"source": source_id, "category": category}).scalar()


_COUNTS = """SELECT sum(errors), sum(warnings), count(CASE WHEN flaw > 0 THEN 1 END),
    count(CASE WHEN flaw = 0 AND warnings > 0 THEN 1 END)
FROM (SELECT sum(error) AS errors, sum(warning) AS warnings, sum(error + faulty) AS flaw FROM (
    SELECT entity_id, CASE WHEN severity = 'error' THEN 1 ELSE 0 END AS error,
        CASE WHEN severity = 'error' THEN 0 ELSE 1 END AS warning, 0 AS faulty
    FROM finding WHERE source_id = :source AND category = :category {faults}) f GROUP BY entity_id) e"""
_MINE = f"""q.sync_id = :sync AND q.fault NOT IN ({_PAGE_FAULTS})
    AND (q.category = :category OR (q.category IS NULL AND :first = 1))"""
_FAULTS = f"""UNION ALL SELECT e.id, 0, 0, 1 FROM quarantine q
    JOIN entity e ON e.source_id = :source AND e.category = :category AND e.key = q.key
    JOIN inspected i ON i.entity_id = e.id WHERE {_MINE}"""
_STRANGERS = f"""SELECT count(*), count(CASE WHEN NOT EXISTS (
    SELECT 1 FROM entity e JOIN inspected i ON i.entity_id = e.id
    WHERE e.source_id = :source AND e.category = :category AND e.key = q.key) THEN 1 END)
FROM quarantine q WHERE {_MINE}"""
_KEEP_SCORE = """INSERT INTO quality (source_id, category, sync_id, entities, errors, warnings, flawed, doubtful,
quarantined, score_tenths) VALUES (:source, :category, :sync, :entities, :errors, :warnings, :flawed, :doubtful,
:quarantined, :tenths) ON CONFLICT DO NOTHING"""


def list_scores(tx: Connection, *, source: str | None = None) -> list[Score]:
    """The latest score of each category of each source, with the step since the sync before."""
    sql = """SELECT s.name, q.category, q.sync_id, y.observed_at, q.entities, q.errors, q.warnings, q.flawed,
    q.doubtful, q.score_tenths, (SELECT b.score_tenths FROM quality b WHERE b.source_id = q.source_id
        AND b.category = q.category AND b.sync_id < q.sync_id ORDER BY b.sync_id DESC LIMIT 1)
    FROM inspection_category c JOIN source s ON s.id = c.source_id
    JOIN quality q ON q.source_id = c.source_id AND q.category = c.category AND q.sync_id = (
        SELECT max(l.sync_id) FROM quality l WHERE l.source_id = c.source_id AND l.category = c.category)
    JOIN sync y ON y.id = q.sync_id
    WHERE (CAST(:source AS TEXT) IS NULL OR s.name = :source) ORDER BY s.name, q.category"""
    found = []
    for row in tx.execute(text(sql), {"source": source}):
        now, before = row[9], row[10]
        found.append(
            Score(
                source=row[0], category=row[1], sync_id=row[2], observed_at=row[3], entities=row[4], errors=row[5],
                warnings=row[6], flawed=row[7], doubtful=row[8], score=None if now is None else now / 10,
                change=None if now is None or before is None else (now - before) / 10,
            )
        )  # fmt: skip
    return found


def list_history(tx: Connection, *, source: str | None = None, limit: int = 30) -> dict[tuple[str, str], list[float]]:
    """The latest scores of each source and category, the oldest first, at most ``limit`` of each."""
    sql = """SELECT name, category, score_tenths FROM (
        SELECT s.name, q.category, q.sync_id, q.score_tenths,
            row_number() OVER (PARTITION BY q.source_id, q.category ORDER BY q.sync_id DESC) AS place
        FROM quality q JOIN source s ON s.id = q.source_id
        WHERE q.score_tenths IS NOT NULL AND (CAST(:source AS TEXT) IS NULL OR s.name = :source)) l
    WHERE place <= :limit ORDER BY name, category, sync_id"""
    found: dict[tuple[str, str], list[float]] = {}
    for name, category, tenths in tx.execute(text(sql), {"source": source, "limit": limit}):
        found.setdefault((name, category), []).append(tenths / 10)
    return found


def count_findings(tx: Connection, *, source: str | None = None) -> Mapping[tuple[str, str, str, str], int]:
    """How many findings there are, by source, category, kind and severity."""
    sql = """SELECT s.name, f.category, f.kind, f.severity, count(*) FROM finding f JOIN source s ON s.id = f.source_id
    WHERE (CAST(:source AS TEXT) IS NULL OR s.name = :source) GROUP BY s.name, f.category, f.kind, f.severity
    ORDER BY s.name, f.category, f.severity, f.kind"""
    return {(row[0], row[1], row[2], row[3]): row[4] for row in tx.execute(text(sql), {"source": source})}


def list_findings(
    tx: Connection,
    *,
    source: str | None = None,
    category: str | None = None,
    kind: str | None = None,
    severity: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[EntityFinding]:
    """Findings of live entities: errors before warnings, the newest first; ``offset`` skips so many."""
    sql = """SELECT s.name, f.category, e.key, f.kind, f.severity, f.rule, f.path, f.detail, f.since_sync, y.observed_at
    FROM finding f JOIN source s ON s.id = f.source_id JOIN entity e ON e.id = f.entity_id
    JOIN sync y ON y.id = f.since_sync WHERE (CAST(:source AS TEXT) IS NULL OR s.name = :source)
    AND (CAST(:category AS TEXT) IS NULL OR f.category = :category)
    AND (CAST(:kind AS TEXT) IS NULL OR f.kind = :kind)
    AND (CAST(:severity AS TEXT) IS NULL OR f.severity = :severity)
    ORDER BY f.severity, f.since_sync DESC, s.name, f.category, e.key, f.path, f.rule LIMIT :limit OFFSET :offset"""
    values = {
        "source": source, "category": category, "kind": kind, "severity": severity, "limit": limit, "offset": offset
    }  # fmt: skip
    return [
        EntityFinding(
            source=row[0], category=row[1], key=row[2], kind=FindingKind(row[3]), severity=Severity(row[4]),
            rule=row[5], path=row[6], detail=row[7], hint=HINTS[FindingKind(row[3])], since_sync=row[8],
            observed_at=row[9],
        )
        for row in tx.execute(text(sql), values)
    ]  # fmt: skip
