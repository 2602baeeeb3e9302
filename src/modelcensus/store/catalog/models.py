"""The published catalog: its models as they are now, and as they were at any revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core import canonical
from modelcensus.core.catalog.model import Origin, Published, Status, Value
from modelcensus.core.catalog.sealed import content_hash
from modelcensus.store.bulk import select_in
from modelcensus.store.catalog.rows import insert, update

_fields = msgspec.json.Decoder(dict[str, Any])
_origins = msgspec.json.Decoder(dict[str, Origin])
_COLUMNS = "m.universal_model_id, v.status, v.fields, v.origins, v.since_revision"
_NOW = """SELECT universal_model_id, status, fields, origins, since_revision, changed_revision FROM model"""
_AS_OF = f"""SELECT {_COLUMNS}, v.revision FROM model m JOIN model_version v ON v.model_id = m.id AND v.revision = (
    SELECT max(q.revision) FROM model_version q WHERE q.model_id = m.id AND q.revision <= :revision)"""


def published(tx: Connection) -> dict[str, Published]:
    """Every model of the catalog, archived ones too, by id."""
    rows = tx.execute(text(f"{_NOW} ORDER BY universal_model_id"))
    return {row[0]: _model(row) for row in rows}


def as_of(tx: Connection, revision: int) -> dict[str, Published]:
    """The catalog as it was published by a revision; revision 0 is empty."""
    rows = tx.execute(text(f"{_AS_OF} ORDER BY m.universal_model_id"), {"revision": revision})
    return {row[0]: _model(row) for row in rows}


def find(tx: Connection, model_ids: Sequence[str]) -> dict[str, Published]:
    """The models among these ids, by id."""
    rows = select_in(tx, f"{_NOW} WHERE universal_model_id $in", "text", model_ids)
    return {row[0]: _model(row) for row in rows}


def versions(tx: Connection, model_id: str) -> list[Published]:
    """Every published version of a model, oldest first."""
    sql = f"""SELECT {_COLUMNS}, v.revision FROM model m JOIN model_version v ON v.model_id = m.id
    WHERE m.universal_model_id = :id ORDER BY v.revision"""
    return [_model(row) for row in tx.execute(text(sql), {"id": model_id})]


def written_by(tx: Connection, revision: int) -> Iterator[Published]:
    """The models that a revision wrote, by id."""
    sql = f"""SELECT {_COLUMNS}, v.revision FROM model_version v JOIN model m ON m.id = v.model_id
    WHERE v.revision = :revision ORDER BY m.universal_model_id"""
    yield from map(_model, tx.execute(text(sql), {"revision": revision}))


def changed_since(tx: Connection, revision: int) -> list[str]:
    """Ids of the models that later revisions changed."""
    rows = tx.execute(
        text("SELECT universal_model_id FROM model WHERE changed_revision > :revision ORDER BY universal_model_id"),
        {"revision": revision},
    )
    return [row[0] for row in rows]


def hashes(tx: Connection) -> dict[str, bytes]:
    """The content hash of every model, as stored."""
    return {row[0]: bytes(row[1]) for row in tx.execute(text("SELECT universal_model_id, hash FROM model"))}


def statuses(tx: Connection, model_ids: Sequence[str]) -> dict[str, Status]:
    """The status of each of these models that there is."""
    rows = select_in(tx, "SELECT universal_model_id, status FROM model WHERE universal_model_id $in", "text", model_ids)
    return {row[0]: Status(row[1]) for row in rows}


def ids(tx: Connection) -> list[str]:
    """All ids, in order."""
    return [row[0] for row in tx.execute(text("SELECT universal_model_id FROM model ORDER BY universal_model_id"))]


def write(tx: Connection, models: Iterable[Published], revision: int, at: int) -> dict[str, bytes]:
    """Make these the current versions, in bulk; ``keep_versions`` must follow. Their content hashes by id.

    ``at``: microseconds; it becomes the time of creation, of change and of archiving, as it applies.
    """
    known = {row[0]: (row[1], row[2]) for row in tx.execute(text(_KNOWN))}
    free = max((row_id for row_id, _ in known.values()), default=0) + 1
    news: list[tuple[Any, ...]] = []
    olds: list[tuple[Any, ...]] = []
    written: dict[str, bytes] = {}
    for model in models:
        hash_ = written[model.id] = content_hash(model)
        row_id, archived_at = known.get(model.id, (free, None))
        archived_at = (archived_at if archived_at is not None else at) if model.status is Status.ARCHIVED else None
        common = (model.status.value, _json(model.fields), _json(model.origins), hash_, revision, at, archived_at)
        if model.id in known:
            olds.append((*common, row_id))
        else:
            news.append((*common, row_id, model.id, revision, at))
            free += 1
    changing = ("status", "fields", "origins", "hash", "changed_revision", "updated_at", "archived_at")
    update(tx, "model", changing, olds)
    insert(tx, "model", (*changing, "id", "universal_model_id", "since_revision", "created_at"), news)
    return written


_KNOWN = "SELECT universal_model_id, id, archived_at FROM model"
_KEEP_VERSIONS = """INSERT INTO model_version (model_id, revision, status, fields, origins, hash, since_revision)
SELECT id, changed_revision, status, fields, origins, hash, since_revision FROM model
WHERE changed_revision = :revision"""


def keep_versions(tx: Connection, revision: int) -> None:
    """Copy what a revision wrote into the history, for ever."""
    tx.execute(text(_KEEP_VERSIONS), {"revision": revision})


def _json(value: Mapping[str, Value | Origin]) -> str:
    return canonical.encode(value).decode()


def _model(row: Any) -> Published:
    return Published(
        id=row[0], status=Status(row[1]), fields=_fields.decode(row[2]), origins=_origins.decode(row[3]),
        since_revision=row[4], changed_revision=row[5],
    )  # fmt: skip
