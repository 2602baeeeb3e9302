"""What stands as it is until somebody acts: held plans, overrides that upstream moved under, models that retire."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.curated import Drift
from modelcensus.core.catalog.model import Published, Status
from modelcensus.core.catalog.planning import held
from modelcensus.core.notice import Incident, NoticeKind, NoticeSeverity, key_of, minute, plain
from modelcensus.core.times import from_micros
from modelcensus.operations.catalog import overriding
from modelcensus.operations.noticing.finding import Found
from modelcensus.store import notices
from modelcensus.store.catalog import models, plans, revisions
from modelcensus.store.catalog.plans import PlanState
from modelcensus.store.engine import Store

HELD, DRIFTED, RETIRING = "held", "drifted", "retiring"
BEFORE_DAYS = (30, 60, 90)
"""A model's end is told when it is so many days away, and each time anew."""
_NAMED = 5


class HeldSeen(msgspec.Struct, frozen=True):
    """The last plan, as ``digest:state``, and the marks of what is known to be held."""

    plan: str = ""
    marks: tuple[str, ...] = ()


def find_held(tx: Connection) -> Found | None:
    """What the last plan holds that no plan before it held; None where there is no other plan since the last look.

    What is held comes back in each plan until somebody decides: it is told once.
    """
    before = notices.position(tx, HELD)
    seen = msgspec.json.decode(before, type=HeldSeen) if before else HeldSeen()
    newest = notices.newest_plan(tx)
    if newest is None or ":".join(newest) == seen.plan:
        return None
    stored = plans.listed(tx, limit=1)[0]
    now = HeldSeen(f"{stored.plan.digest}:{stored.state.value}", seen.marks)
    incidents: tuple[Incident, ...] = ()
    if stored.state is not PlanState.REJECTED:
        released = stored.taken.released if stored.taken else {}
        stopped = {name: hold for name, hold in held(stored.plan) if name not in released}
        marks = {name: _mark(name, hold.guard, hold.reason) for name, hold in stopped.items()}
        fresh = [name for name, mark in marks.items() if mark not in seen.marks]
        now = HeldSeen(now.plan, tuple(sorted(marks.values())))
        if fresh:
            named = "; ".join(f"{plain(name)}: {plain(stopped[name].reason)}" for name in fresh[:_NAMED])
            more = f"; and {len(fresh) - _NAMED} more" if len(fresh) > _NAMED else ""
            short = stored.plan.digest[:12]
            what = "1 change is" if len(fresh) == 1 else f"{len(fresh)} changes are"
            incidents = (
                Incident(
                    key=key_of(NoticeKind.PLAN_HELD, stored.plan.digest), kind=NoticeKind.PLAN_HELD,
                    severity=NoticeSeverity.WARNING, at=stored.proposed_at,
                    message=f"{what} held since {minute(stored.proposed_at)} (plan {short}): {named}{more}",
                    hint=f"decide: 'modelcensus plan show {short}', then apply with --release, or reject it",
                    path=f"/api/admin/plans/{stored.plan.digest}",
                    models=tuple(sorted({name.partition("#")[0] for name in fresh})),
                ),
            )  # fmt: skip
    return Found(HELD, before, msgspec.json.encode(now).decode(), incidents)


def find_drifted(store: Store, now: int) -> Found | None:
    """Overrides that upstream has moved under; told again only after it moved once more. None: all as it was."""
    drifted = overriding.notices(store, now).drifted
    with store.reading() as tx:
        before = notices.position(tx, DRIFTED)
    known = frozenset(msgspec.json.decode(before, type=tuple[str, ...]) if before else ())
    marks = {_drift_mark(each): each for each in drifted}
    after = msgspec.json.encode(sorted(marks)).decode()
    if after == before:
        return None
    fresh = (_drifted(mark, each, now) for mark, each in marks.items() if mark not in known)
    return Found(DRIFTED, before, after, tuple(fresh))


def find_retiring(tx: Connection, now: int) -> Found | None:
    """Models whose end is near; None where neither the day nor the catalog is another one than at the last look."""
    before = notices.position(tx, RETIRING)
    today = from_micros(now).date()
    after = f"{today}:{revisions.head(tx)}"
    if after == before:
        return None
    found = (_retiring(each, today, now) for each in models.published(tx).values() if each.status is Status.ACTIVE)
    return Found(RETIRING, before, after, tuple(each for each in found if each))


def _retiring(model: Published, today: date, now: int) -> Incident | None:
    try:
        end = date.fromisoformat(str(model.fields.get("retires"))[:10])
    except ValueError:
        return None
    left = (end - today).days
    near = next((days for days in BEFORE_DAYS if 0 <= left <= days), None)
    if near is None:
        return None
    successor = model.fields.get("successor")
    provider = model.fields.get("provider")
    origin = model.origins.get("retires")
    return Incident(
        key=key_of(NoticeKind.MODEL_RETIRING, model.id, end, near), kind=NoticeKind.MODEL_RETIRING, at=now,
        severity=NoticeSeverity.WARNING,
        message=f"{plain(model.id)} retires on {end}, in {left} days (revision {model.changed_revision})",
        hint=f"move to {plain(successor)}" if isinstance(successor, str) else "move what uses it to another model",
        path=f"/api/models/{quote(model.id, safe='')}", models=(model.id,),
        providers=(provider,) if isinstance(provider, str) else (), sources=(origin.source,) if origin else (),
    )  # fmt: skip


def _drift_mark(drift: Drift) -> str:
    said = "absent" if drift.now is msgspec.UNSET else msgspec.json.encode(drift.now).decode()
    return _mark(drift.override.model_id, drift.override.path, str(drift.override.created_at), said)


def _drifted(mark: str, drift: Drift, now: int) -> Incident:
    override = drift.override
    was, said = ("absent" if each is msgspec.UNSET else plain(each, 60) for each in (drift.was, drift.now))
    return Incident(
        key=key_of(NoticeKind.OVERRIDE_DRIFTED, override.model_id, override.path, mark, now), at=now,
        kind=NoticeKind.OVERRIDE_DRIFTED, severity=NoticeSeverity.WARNING, models=(override.model_id,),
        message=f"upstream moved under the override of {plain(override.path)} of {plain(override.model_id)},"
        f" seen {minute(now)}: {was} to {said}; the override by {plain(override.owner, 60)} says"
        f" {plain(override.value, 60)}",
        hint="keep it by setting it again, or clear it: 'modelcensus override list'",
        path=f"/api/models/{quote(override.model_id, safe='')}",
    )  # fmt: skip


def _mark(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
