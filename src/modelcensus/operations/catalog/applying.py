"""Plans become revisions: propose, apply by digest, reject, roll back. One transaction each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog import planning, sealed
from modelcensus.core.catalog.curated import brief
from modelcensus.core.catalog.guards import NEVER_RELEASED, under_review
from modelcensus.core.catalog.model import AuditEntry, Hold, Plan, Published
from modelcensus.core.errors import AlteredPlan, InvalidInput, NotFound, StalePlan
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.store.catalog import audit, models, plans, revisions
from modelcensus.store.catalog.plans import PlanState, StoredPlan, Taken
from modelcensus.store.catalog.revisions import Revision
from modelcensus.store.engine import Store

_PREFIX = re.compile(r"[0-9a-f]{8,64}")
_NAMED = 5
_REVIEW = under_review("").guard
MAX_REASON = 2000
CATALOG = "catalog"
"""The target of acts that are about no single model, in the audit log."""


def propose(store: Store, plan: Plan, actor: str, now: int, *, reopen: bool = False) -> str:
    """Store a plan to be decided; its digest. The very same plan is stored once.

    With ``reopen`` (for a person, never for a sync) a plan that was rejected is open again. Raises ``AlteredPlan`` for
    a plan that does not have its digest, ``StalePlan`` for one that is not based on the current revision.
    """
    _genuine(plan, plan.digest)
    who = named(actor)
    with store.writing() as tx:
        _current(tx, plan)
        if not plans.keep(tx, plan, who, now) and reopen:
            found = plans.find(tx, plan.digest)
            if found and found.state is PlanState.REJECTED:
                plans.reopen(tx, plan.digest)
                audit.append(tx, [_act(now, who, "reopen", plan.digest)])
    return plan.digest


def apply(
    store: Store,
    digest: str,
    actor: str,
    now: int,
    only: Iterable[str] | None = None,
    released: Mapping[str, str] | None = None,
) -> Revision:
    """Publish a stored plan exactly as it was reviewed: one transaction, one revision.

    ``only`` names the models whose steps are taken; the rest is left to be planned again. ``released`` lets held steps
    through, each with a reason: a model's id for its whole step, ``id#path`` for one field. What is held and not
    released is left out. Raises ``NotFound``, ``AlteredPlan``, ``StalePlan`` (it names what moved), ``InvalidInput``.
    """
    who = named(actor)
    chosen = None if only is None else frozenset(only)
    reasons = {place: because(reason) for place, reason in (released or {}).items()}
    with uncollected(), store.writing() as tx:
        stored = _decidable(tx, digest)
        plan = stored.plan
        _current(tx, plan)
        _known(plan, chosen, reasons)
        before = models.published(tx)
        after = planning.applied(before, plan, only=chosen, released=reasons)
        changed = _changed(before, after, plan.base_revision + 1)
        if not changed:
            raise InvalidInput(
                f"there is nothing to apply in plan {plan.digest[:12]}: what it does is held back",
                "look why with 'modelcensus plan show', then release what is right with a reason",
            )
        taken = Taken(None if chosen is None else tuple(sorted(chosen)), reasons)
        return _publish(tx, plan, changed, taken, who, now)


def reject(store: Store, digest: str, actor: str, reason: str, now: int) -> None:
    """Say no to an open plan, for a reason. Raises ``NotFound``, ``InvalidInput``."""
    who, why = named(actor), because(reason)
    with store.writing() as tx:
        plan = _decidable(tx, digest).plan
        plans.decide(tx, plan.digest, PlanState.REJECTED, actor=who, at=now, reason=why)
        audit.append(tx, [_act(now, who, "reject", plan.digest, reason=why)])


def rollback(store: Store, revision: int, actor: str, reason: str, now: int) -> Plan:
    """Propose the plan that brings an earlier revision back; it is reviewed and applied as any other.

    Models that came since are archived, none is removed. Raises ``NotFound`` for a revision that there is not,
    ``InvalidInput`` where nothing would change.
    """
    who, why = named(actor), because(reason)
    with store.writing() as tx:
        head = revisions.head(tx)
        if not 0 < revision <= head:
            raise NotFound(f"there is no revision {revision}", f"the catalog is at revision {head}; name one from 1 on")
        plan = planning.rollback(models.published(tx), models.as_of(tx, revision), head)
        if not plan.steps:
            raise InvalidInput(f"the catalog is what it was at revision {revision}", "there is nothing to roll back")
        if not plans.keep(tx, plan, who, now):
            found = plans.find(tx, plan.digest)
            if found and found.state is PlanState.REJECTED:
                plans.reopen(tx, plan.digest)
        audit.append(tx, [_act(now, who, "rollback", plan.digest, after={"to": revision}, reason=why)])
    return plan


def stored_plan(store: Store, digest: str) -> StoredPlan:
    """A plan by its digest or by its first 8 digits or more. Raises ``NotFound``, ``InvalidInput``, ``AlteredPlan``."""
    with uncollected(), store.reading() as tx:
        return _find(tx, digest)


def stored_plans(
    store: Store, *, state: PlanState | None = None, after: tuple[int, str] | None = None, limit: int = 100
) -> list[StoredPlan]:
    """The latest plans, newest first, from after a time of proposal and digest on."""
    with uncollected(), store.reading() as tx:
        return plans.listed(tx, state=state, after=after, limit=limit)


def awaiting_review(plan: Plan, only: Iterable[str] | None = None) -> list[str]:
    """What a plan holds only because a source's policy wants a person to look, of these models or of all."""
    return [name for name, hold in planning.held(_taken(plan, only)) if hold.guard == _REVIEW]


def still_held(
    plan: Plan, released: Mapping[str, str] | None = None, only: Iterable[str] | None = None
) -> dict[str, Hold]:
    """What stays held when these steps are taken and this is released, by the name under which it is released."""
    return {
        name: hold
        for name, hold in planning.held(_taken(plan, only))
        if not planning.lets_through(hold, name, released)
    }


def _taken(plan: Plan, only: Iterable[str] | None) -> Plan:
    chosen = None if only is None else frozenset(only)
    steps = tuple(step for step in plan.steps if chosen is None or step.model_id in chosen)
    return msgspec.structs.replace(plan, steps=steps)


def revision_log(store: Store, *, before: int | None = None, limit: int = 100) -> list[Revision]:
    """The latest revisions, newest first; ``before`` pages on."""
    with store.reading() as tx:
        return revisions.listed(tx, before=before, limit=limit)


def audit_log(
    store: Store, *, target: str | None = None, actor: str | None = None, act: str | None = None,
    since: int | None = None, revision: int | None = None, before_id: int | None = None, limit: int = 100,
) -> list[AuditEntry]:  # fmt: skip
    """Entries of the audit log, newest first."""
    with store.reading() as tx:
        return audit.entries(
            tx, target=target, actor=actor, act=act, since=since, revision=revision, before_id=before_id, limit=limit
        )


def named(actor: str) -> str:
    """Who acts, checked. Raises ``InvalidInput``."""
    name = actor.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise InvalidInput("it must be said who does this", "name a person, or the program, in one line")
    return name


def because(reason: str) -> str:
    """Why, checked. Raises ``InvalidInput``."""
    why = reason.strip()
    if not why or len(why) > MAX_REASON or "\0" in why:
        raise InvalidInput("it must be said why", f"give a reason of at most {MAX_REASON} characters")
    return why


def _publish(
    tx: Connection, plan: Plan, changed: Mapping[str, Published], taken: Taken, actor: str, now: int
) -> Revision:
    number = plan.base_revision + 1
    last = revisions.find(tx, plan.base_revision)
    acts = [
        _act(now, actor, "release", place, after={"plan": plan.digest}, reason=reason, revision=number)
        for place, reason in sorted(taken.released.items())
    ]
    facts = {"plan": plan.digest, "revision": number, "models": len(changed), "taken": msgspec.to_builtins(taken)}
    acts.append(
        _act(now, actor, "apply", CATALOG, before={"revision": plan.base_revision}, after=facts, revision=number)
    )
    entry = audit.append(tx, acts)[-1]
    hashes = models.hashes(tx) | models.write(tx, changed.values(), number, now)
    plans.decide(tx, plan.digest, PlanState.APPLIED, actor=actor, at=now, revision=number, taken=taken)
    revision = revisions.append(
        tx,
        Revision(
            number=number, at=now, plan=plan.digest, actor=actor, models=len(changed),
            catalog_digest=sealed.catalog_digest(hashes), written_digest=sealed.written_digest(changed.values()),
            audit_id=entry.id,
            audit_digest=sealed.audit_digest(audit.between(tx, last.audit_id if last else 0, entry.id)),
        ),
    )  # fmt: skip
    models.keep_versions(tx, number)
    plans.outdate(tx, number, now)
    return revision


def _changed(before: Mapping[str, Published], after: Mapping[str, Published], number: int) -> dict[str, Published]:
    """The models that are new or no longer the same, with the revisions that this makes theirs."""
    found = {}
    for model_id, model in after.items():
        old = before.get(model_id)
        if old is None or (old.status, old.fields, old.origins) != (model.status, model.fields, model.origins):
            since = old.since_revision if old else number
            found[model_id] = msgspec.structs.replace(model, since_revision=since, changed_revision=number)
    return found


def _find(tx: Connection, digest: str) -> StoredPlan:
    if not _PREFIX.fullmatch(digest):
        raise InvalidInput(f"'{brief(digest)}' is no plan's digest", "give its 64 hexadecimal digits, or the first 8")
    matching = plans.digests(tx, digest)
    if not matching:
        raise NotFound(f"there is no plan {digest[:12]}", "list them with 'modelcensus plan'")
    if len(matching) > 1:
        raise InvalidInput(f"{len(matching)} plans begin with {digest}", "give more digits")
    try:
        found = plans.find(tx, matching[0])
    except msgspec.DecodeError as error:
        raise _altered(matching[0]) from error
    if found is None or found.plan.digest != matching[0]:
        raise _altered(matching[0])
    return found


def _decidable(tx: Connection, digest: str) -> StoredPlan:
    """An open plan that is what it was when it was proposed. A stale one is told of with what moved."""
    stored = _find(tx, digest)
    _genuine(stored.plan, stored.plan.digest)
    short = stored.plan.digest[:12]
    if stored.state is PlanState.STALE:
        _current(tx, stored.plan)
    if stored.state is PlanState.APPLIED:
        raise InvalidInput(
            f"plan {short} was applied as revision {stored.revision} by {stored.decided_by}", "make a new plan"
        )
    if stored.state is PlanState.REJECTED:
        raise InvalidInput(
            f"plan {short} was rejected by {stored.decided_by}: {brief(stored.reason)}",
            "propose it again if that no longer holds",
        )
    return stored


def _genuine(plan: Plan, digest: str) -> None:
    if planning.digest_of(plan) != digest:
        raise _altered(digest)


def _altered(digest: str) -> AlteredPlan:
    return AlteredPlan(
        f"plan {digest[:12]} was altered: its content does not have its digest",
        "do not apply it; make a new plan, and find out who can write to the database",
    )


def _current(tx: Connection, plan: Plan) -> None:
    head = revisions.head(tx)
    if plan.base_revision == head:
        return
    moved = models.changed_since(tx, plan.base_revision)
    concerned = {step.model_id for step in plan.steps}
    moved.sort(key=lambda model_id: (model_id not in concerned, model_id))
    shown = ", ".join(map(brief, moved[:_NAMED])) + (f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else "")
    raise StalePlan(
        f"plan {plan.digest[:12]} was made on revision {plan.base_revision}, the catalog is at {head}; "
        f"since then changed: {shown or 'nothing'}",
        "make a new plan and review that one",
        tuple(moved),
    )


def _known(plan: Plan, only: frozenset[str] | None, released: Mapping[str, str]) -> None:
    if only is not None and (strangers := sorted(only - {step.model_id for step in plan.steps})):
        raise InvalidInput(f"the plan has no step for {brief(strangers[0])}", "name models as the plan names them")
    held = dict(planning.held(plan))
    if strange := sorted(released.keys() - held.keys()):
        raise InvalidInput(f"the plan does not hold {brief(strange[0])}", "release what it holds: 'id' or 'id#field'")
    for name in sorted(released):
        if held[name].guard in NEVER_RELEASED:
            raise InvalidInput(f"{brief(name)} cannot be released: {held[name].reason}", held[name].hint)


def _act(
    at: int, actor: str, act: str, target: str, *, before: object = None, after: object = None,
    reason: str | None = None, revision: int | None = None,
) -> AuditEntry:  # fmt: skip
    return AuditEntry(
        id=0, at=at, actor=actor, act=act, target=target, before=before, after=after, reason=reason, revision=revision
    )
