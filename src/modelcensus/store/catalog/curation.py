"""What people own: curation and overrides. Nothing that reads sources or applies plans writes here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core import canonical
from modelcensus.core.catalog.curated import flags_of
from modelcensus.core.catalog.model import Curation, Override, Tier
from modelcensus.store.bulk import select_in

_NAMES = (
    "enabled", "is_curated", "status", "is_free", "is_pro", "is_enterprise", "display_name", "notes", "touched",
)  # fmt: skip
_COLUMNS = ", ".join(("universal_model_id", *_NAMES))
_UPDATE = f"UPDATE curation SET {', '.join(f'{name} = :{name}' for name in _NAMES)} WHERE universal_model_id = :model"
_INSERT = f"INSERT INTO curation ({_COLUMNS}) VALUES (:model, {', '.join(f':{name}' for name in _NAMES)})"
_OVERRIDE = "universal_model_id, path, data, reason, owner, created_at, expires_at, upstream"
_IN_FORCE = "(CAST(:now AS BIGINT) IS NULL OR expires_at IS NULL OR expires_at > :now)"


def find(tx: Connection, model_ids: Sequence[str]) -> dict[str, Curation]:
    """What people said of these models; a model of which nobody said anything has the defaults."""
    rows = select_in(tx, f"SELECT {_COLUMNS} FROM curation WHERE universal_model_id $in", "text", model_ids)
    found = {row[0]: _curation(row) for row in rows}
    return {model_id: found.get(model_id) or Curation(model_id=model_id) for model_id in model_ids}


def curations(tx: Connection) -> dict[str, Curation]:
    """Every curation that there is, by model id."""
    return {row[0]: _curation(row) for row in tx.execute(text(f"SELECT {_COLUMNS} FROM curation"))}


def is_decided(tx: Connection) -> bool:
    """Whether a person or a rule has enabled or disabled any model."""
    return tx.execute(text("SELECT 1 FROM curation WHERE status <> 'new' LIMIT 1")).first() is not None


def keep(tx: Connection, curation: Curation) -> None:
    """Write a curation. The database refuses one that switches an archived model on."""
    row = {name: _stored(getattr(curation, name)) for name in _NAMES} | {"model": curation.model_id}
    # Not an upsert: its insert would be tried first, and refused for an archived model that was enabled before.
    if not tx.execute(text(_UPDATE), row).rowcount:
        tx.execute(text(_INSERT), row)


def allowed(tx: Connection, tier: Tier, model_id: str | None = None) -> list[str]:
    """Ids of the models that a caller of the tier may use, of all or of one."""
    flags = " OR ".join(f"{flag} = 1" for flag in flags_of(tier))
    one = "" if model_id is None else "AND universal_model_id = :id"
    sql = f"SELECT universal_model_id FROM enabled_model WHERE ({flags}) {one} ORDER BY universal_model_id"
    return [row[0] for row in tx.execute(text(sql), {} if model_id is None else {"id": model_id})]


def overrides(tx: Connection, *, model_id: str | None = None, now: int | None = None) -> list[Override]:
    """Overrides, by model and path; with ``now`` only those that are in force then."""
    sql = f"""SELECT {_OVERRIDE} FROM override WHERE (CAST(:id AS TEXT) IS NULL OR universal_model_id = :id)
    AND {_IN_FORCE} ORDER BY universal_model_id, path"""
    return [_override(row) for row in tx.execute(text(sql), {"id": model_id, "now": now})]


def set_override(tx: Connection, override: Override) -> None:
    """Write an override in place of the one on the same field."""
    clear_override(tx, override.model_id, override.path)
    sql = f"""INSERT INTO override ({_OVERRIDE})
    VALUES (:model, :path, :data, :reason, :owner, :created_at, :expires_at, :upstream)"""
    upstream = None if override.upstream is msgspec.UNSET else canonical.encode(override.upstream).decode()
    values = {
        "model": override.model_id, "path": override.path, "data": canonical.encode(override.value).decode(),
        "reason": override.reason, "owner": override.owner, "created_at": override.created_at,
        "expires_at": override.expires_at, "upstream": upstream,
    }  # fmt: skip
    tx.execute(text(sql), values)


def clear_override(tx: Connection, model_id: str, path: str) -> bool:
    """Take an override away; whether there was one."""
    sql = "DELETE FROM override WHERE universal_model_id = :model AND path = :path"
    return bool(tx.execute(text(sql), {"model": model_id, "path": path}).rowcount)


def _stored(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _curation(row: Any) -> Curation:
    values = dict(zip(_NAMES, row[1:], strict=True))
    flags = {name: bool(values[name]) for name in _NAMES if name not in ("status", "display_name", "notes")}
    return Curation(model_id=row[0], **{**values, **flags})


def _override(row: Any) -> Override:
    return Override(
        model_id=row[0], path=row[1], value=msgspec.json.decode(row[2]), reason=row[3], owner=row[4],
        created_at=row[5], expires_at=row[6], upstream=msgspec.json.decode(row[7]) if row[7] else msgspec.UNSET,
    )  # fmt: skip
