"""The revisions of the published catalog: a hash chain over what each one wrote, and over the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.catalog import sealed
from modelcensus.core.chain import START, link
from modelcensus.store.catalog import audit, models


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One apply. ``plan`` is its digest; ``models`` counts what it wrote; ``audit_id`` is its entry in the audit log.

    ``catalog_digest`` is of the whole catalog after it, ``written_digest`` of what it wrote, ``audit_digest`` of the
    entries since the revision before up to its own. ``chain`` links all this to ``previous``.
    """

    number: int
    at: int
    plan: str
    actor: str
    models: int
    catalog_digest: bytes
    written_digest: bytes
    audit_id: int
    audit_digest: bytes
    previous: bytes = START
    chain: bytes = START

    def linked(self, previous: bytes) -> Revision:
        """The revision with its link after ``previous``."""
        facts = {
            name: value.hex() if isinstance(value, bytes) else value
            for name in self.__struct_fields__
            if name not in ("previous", "chain")
            for value in (getattr(self, name),)
        }
        return msgspec.structs.replace(self, previous=previous, chain=link(previous, sealed.seal(facts)))


_NAMES = Revision.__struct_fields__
_COLUMNS = ", ".join(_NAMES)


def head(tx: Connection) -> int:
    """The number of the published catalog; 0 before the first apply."""
    return int(tx.execute(text("SELECT coalesce(max(number), 0) FROM revision")).scalar_one())


def find(tx: Connection, number: int) -> Revision | None:
    """One revision."""
    row = tx.execute(text(f"SELECT {_COLUMNS} FROM revision WHERE number = :number"), {"number": number}).first()
    return _revision(row) if row else None


def at_time(tx: Connection, time: int) -> int:
    """The revision that was published at a time (the last one applied by then); 0 before the first."""
    sql = "SELECT coalesce(max(number), 0) FROM revision WHERE at <= :time"
    return int(tx.execute(text(sql), {"time": time}).scalar_one())


def listed(tx: Connection, *, before: int | None = None, limit: int = 100) -> list[Revision]:
    """The latest revisions, newest first; ``before`` pages on."""
    where = "" if before is None else "WHERE number < :before"
    values = {"limit": limit} if before is None else {"limit": limit, "before": before}
    rows = tx.execute(text(f"SELECT {_COLUMNS} FROM revision {where} ORDER BY number DESC LIMIT :limit"), values)
    return [_revision(row) for row in rows]


def append(tx: Connection, revision: Revision) -> Revision:
    """Seal a revision, link it to the one before, and write it; as written."""
    before = find(tx, revision.number - 1)
    linked = revision.linked(before.chain if before else START)
    marks = ", ".join(f":{name}" for name in _NAMES)
    tx.execute(text(f"INSERT INTO revision ({_COLUMNS}) VALUES ({marks})"), msgspec.structs.asdict(linked))
    return linked


def problems(tx: Connection) -> Iterator[str]:
    """Where the chain does not hold: revisions missing or altered, models or audit entries altered behind them."""
    previous, after, whole = START, 0, dict[str, bytes]()
    rows = tx.execute(text(f"SELECT {_COLUMNS} FROM revision ORDER BY number")).all()
    for number, row in enumerate(rows, 1):
        revision = _revision(row)
        if revision.number != number:
            yield f"revision {number}: missing from the catalog's log"
            return
        written = list(models.written_by(tx, number))
        whole |= {model.id: sealed.content_hash(model) for model in written}
        if len(written) != revision.models or sealed.written_digest(written) != revision.written_digest:
            yield f"revision {number}: what it wrote was altered"
        if sealed.catalog_digest(whole) != revision.catalog_digest:
            yield f"revision {number}: the catalog after it is not the one that was published"
        if sealed.audit_digest(audit.between(tx, after, revision.audit_id)) != revision.audit_digest:
            yield f"revision {number}: the audit log before it was altered"
        if revision.linked(previous) != revision:
            yield f"revision {number}: its link does not follow from revision {number - 1}"
        previous, after = revision.chain, revision.audit_id
    if whole != {model.id: sealed.content_hash(model) for model in models.published(tx).values()}:
        yield "the published catalog is not what its last revision wrote"


def _revision(row: Any) -> Revision:
    values: dict[str, Any] = {
        name: bytes(value) if isinstance(value, memoryview) else value for name, value in zip(_NAMES, row, strict=True)
    }
    return Revision(**values)
