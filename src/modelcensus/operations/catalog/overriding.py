"""Overrides: a field that a person sets instead of what sources say, until it expires or upstream moves under it."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.curated import Drift, Standing, brief, drifted, in_force, overridable, standing
from modelcensus.core.catalog.model import AuditEntry, Override, Published, Value
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.operations.catalog.applying import because, named
from modelcensus.operations.catalog.curating import unknown
from modelcensus.store.catalog import audit, curation, models
from modelcensus.store.engine import Store

SET, CLEAR = "override", "clear override"


class Notices(msgspec.Struct, frozen=True):
    """What somebody should look at: overrides under which upstream has moved, and those that have expired."""

    drifted: tuple[Drift, ...]
    expired: tuple[Override, ...]


class Overriding(msgspec.Struct, frozen=True, kw_only=True):
    """An override, how it stands, and what sources say of its field now; UNSET is nothing."""

    override: Override
    standing: Standing
    upstream: Value | msgspec.UnsetType = msgspec.UNSET


def set_override(
    store: Store, model_id: str, path: str, value: Value, *, actor: str, reason: str, now: int,
    owner: str | None = None, expires_at: int | None = None,
) -> Override:  # fmt: skip
    """Let a field be ``value`` whatever sources say, from now until it expires (microseconds; None: for good).

    What upstream says now is kept, so that its moving is noticed. ``owner`` answers for it; the actor unless another
    is named. Raises ``NotFound``, ``InvalidInput``.
    """
    who, why, answers = named(actor), because(reason), named(owner or actor)
    overridable(path, value)
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("the override would have expired already", "name a time to come")
    with store.writing() as tx:
        model = _model(tx, model_id)
        override = Override(
            model_id=model_id, path=path, value=value, reason=why, owner=answers, created_at=now,
            expires_at=expires_at, upstream=model.fields.get(path, msgspec.UNSET),
        )  # fmt: skip
        before = _at(tx, model_id, path)
        curation.set_override(tx, override)
        audit.append(tx, [_entry(SET, model_id, path, before, override, who, why, now)])
    return override


def clear_override(store: Store, model_id: str, path: str, *, actor: str, reason: str, now: int) -> Override:
    """Take an override away: the field is what sources say again. The override. Raises ``NotFound``."""
    who, why = named(actor), because(reason)
    with store.writing() as tx:
        _model(tx, model_id)
        before = _at(tx, model_id, path)
        if before is None:
            raise NotFound(
                f"{brief(model_id)} has no override of '{brief(path)}'", "list them with 'modelcensus override list'"
            )
        curation.clear_override(tx, model_id, path)
        audit.append(tx, [_entry(CLEAR, model_id, path, before, None, who, why, now)])
    return before


def overrides(store: Store, *, model_id: str | None = None, now: int | None = None) -> list[Override]:
    """Overrides, by model and field; with ``now`` only those in force then."""
    with store.reading() as tx:
        return curation.overrides(tx, model_id=model_id, now=now)


def notices(store: Store, now: int) -> Notices:
    """Overrides in force whose upstream has moved since they were set, and those that expired and may be cleared."""
    with store.reading() as tx:
        known = curation.overrides(tx)
        published = models.find(tx, sorted({each.model_id for each in known}))
    moved = (drifted(each, published[each.model_id]) for each in known if in_force(each, now))
    return Notices(
        tuple(notice for notice in moved if notice), tuple(each for each in known if not in_force(each, now))
    )


def standings(store: Store, model_id: str, now: int) -> list[Overriding]:
    """A model's overrides, by field, and how each stands. Raises ``NotFound``."""
    with store.reading() as tx:
        model = _model(tx, model_id)
        known = curation.overrides(tx, model_id=model_id)
    return [
        Overriding(
            override=each, standing=standing(each, model, now), upstream=model.fields.get(each.path, msgspec.UNSET)
        )
        for each in known
    ]


def _model(tx: Connection, model_id: str) -> Published:
    found = models.find(tx, [model_id])
    if model_id not in found:
        raise unknown(tx, model_id)
    return found[model_id]


def _at(tx: Connection, model_id: str, path: str) -> Override | None:
    return next((each for each in curation.overrides(tx, model_id=model_id) if each.path == path), None)


def _entry(
    act: str, model_id: str, path: str, before: Override | None, after: Override | None, actor: str, why: str, now: int
) -> AuditEntry:
    return AuditEntry(
        id=0, at=now, actor=actor, act=act, target=model_id, before=_shown(path, before), after=_shown(path, after),
        reason=why,
    )  # fmt: skip


def _shown(path: str, override: Override | None) -> dict[str, Any] | None:
    if override is None:
        return None
    return {"path": path, "value": override.value, "owner": override.owner, "expires_at": override.expires_at}
