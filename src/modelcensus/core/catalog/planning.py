"""The plan: what a sync would do to the published catalog, as a pure value that a person can read, and its effect.

A plan has at most one step for a model. A model's id names its step, ``model_id#path`` one field of it: by these names
a person lets through what guards hold (``released``) or takes only a part (``only``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from modelcensus.core import canonical
from modelcensus.core.catalog import guards
from modelcensus.core.catalog.guards import NEVER_RELEASED, STANDARD, Thresholds
from modelcensus.core.catalog.merging import place
from modelcensus.core.catalog.model import (
    FieldChange,
    Hold,
    Merged,
    ModelSyncDiff,
    ModelUpdate,
    Origin,
    Plan,
    Published,
    Status,
    Step,
    StepKind,
    Value,
)

AUTO = "auto"
"""Policy of a source: what no guard holds is applied."""
REVIEW = "review"
"""Policy of a source: everything waits for a person."""
_HOUR = 3600 * 1_000_000
_RETIRED = "retired"


class Absence(msgspec.Struct, frozen=True):
    """When one source that used to list a model was read whole since it last did (microseconds)."""

    source: str
    readings: tuple[int, ...]


class Policy(msgspec.Struct, frozen=True):
    """``auto`` or ``review`` of each source, and of those that are not named."""

    sources: Mapping[str, str] = {}
    default: str = AUTO

    def reviews(self, source: str) -> bool:
        """Whether a person wants to see all that the source says."""
        return self.sources.get(source, self.default) != AUTO


ALL_AUTO = Policy()
"""Where the settings say nothing."""


class _Past(msgspec.Struct, frozen=True):
    """What a plan is made with, beside what is published and merged."""

    thresholds: Thresholds
    policy: Policy
    history: Mapping[str, Mapping[str, Sequence[Value]]]


def plan(
    base_revision: int,
    published: Mapping[str, Published],
    merged: Iterable[Merged],
    *,
    absences: Mapping[str, Sequence[Absence]] | None = None,
    thresholds: Thresholds = STANDARD,
    policy: Policy = ALL_AUTO,
    history: Mapping[str, Mapping[str, Sequence[Value]]] | None = None,
    note: str = "",
) -> Plan:
    """What would make the published catalog what the listings together say.

    ``absences`` is, by model, each source that used to list it: without it nothing is archived. ``history`` is, by
    model and path, what a field recently was, oldest first.
    """
    past = _Past(thresholds, policy, history or {})
    steps, listed = [], set()
    for model in merged:
        listed.add(model.id)
        step = _seen(published.get(model.id), model, past)
        if step is not None:
            steps.append(step)
    for model_id in published.keys() - listed:
        gone = _unseen(published[model_id], (absences or {}).get(model_id, ()), past)
        if gone is not None:
            steps.append(gone)
    active = sum(1 for model in published.values() if model.status is Status.ACTIVE)
    return sealed(base_revision, _without_mass_removal(steps, active, thresholds), note)


def sealed(base_revision: int, steps: Iterable[Step], note: str = "") -> Plan:
    """A plan of these steps, in order of their models, with its digest."""
    made = Plan(base_revision=base_revision, steps=tuple(sorted(steps, key=lambda step: step.model_id)), note=note)
    return msgspec.structs.replace(made, digest=digest_of(made))


def digest_of(plan: Plan) -> str:
    """SHA-256, hex, of the canonical JSON of everything in a plan but its digest."""
    return hashlib.sha256(canonical.encode(msgspec.structs.replace(plan, digest=""))).hexdigest()


def sync_diff(plan: Plan, published: Mapping[str, Published]) -> ModelSyncDiff:
    """What applying a plan now would do, in the older system's words: without what is held."""
    after = applied(published, plan)
    new, updated, archived = [], [], []
    for step in plan.steps:
        model, was = after.get(step.model_id), published.get(step.model_id)
        if model is None or model == was:
            continue
        if was is None:
            new.append(model)
        elif model.status is Status.ARCHIVED and was.status is Status.ACTIVE:
            archived.append(model)
        else:
            updated.append(ModelUpdate(was, model))
    return ModelSyncDiff(new_models=tuple(new), updated_models=tuple(updated), archived_models=tuple(archived))


def applied(
    published: Mapping[str, Published],
    plan: Plan,
    *,
    only: Collection[str] | None = None,
    released: Mapping[str, str] | None = None,
) -> dict[str, Published]:
    """The catalog after a plan. Held steps and fields are left out unless ``released`` names them, with the reason.

    ``only``: ids of the models whose steps are taken, None for all. A model that stays as it was is the same value.
    """
    after = dict(published)
    for step in plan.steps:
        if only is not None and step.model_id not in only:
            continue
        if not lets_through(step.hold, step.model_id, released):
            continue
        model = _after(published.get(step.model_id), step, plan.base_revision + 1, released or {})
        if model is not None:
            after[step.model_id] = model
    return after


def lets_through(hold: Hold | None, name: str, released: Mapping[str, str] | None) -> bool:
    """Whether nothing holds the step or field of this name any more."""
    return hold is None or (hold.guard not in NEVER_RELEASED and name in (released or ()))


def field_name(model_id: str, path: str) -> str:
    """How one field of a step is named when it is released."""
    return f"{model_id}#{path}"


def held(plan: Plan) -> Iterator[tuple[str, Hold]]:
    """Everything that is held, by the name under which it is released."""
    for step in plan.steps:
        if step.hold:
            yield step.model_id, step.hold
        for change in step.changes:
            if change.hold:
                yield field_name(step.model_id, change.path), change.hold


def rollback(now: Mapping[str, Published], then: Mapping[str, Published], base_revision: int, note: str = "") -> Plan:
    """The plan that makes the catalog what it was. What came since is archived, for nothing is ever deleted.

    No guard looks at it: it publishes nothing that was not published before, and a person asks for it.
    """
    steps = []
    for model_id in now.keys() | then.keys():
        step = _back(now.get(model_id), then.get(model_id))
        if step is not None:
            steps.append(step)
    return sealed(base_revision, steps, note)


def _seen(was: Published | None, model: Merged, past: _Past) -> Step | None:
    after = {path: field.value for path, field in model.fields.items()}
    retired = after.get("stage") == _RETIRED
    if was is None:
        # A model that upstream has ended before we ever listed it is no news.
        return None if retired else _new(model, after, past)
    if retired:
        # Its listing may have lost its prices: an archived model keeps what it had.
        after = {**was.fields, **after}
    kind = StepKind.UPDATED
    if retired and was.status is Status.ACTIVE:
        kind = StepKind.ARCHIVED
    elif not retired and was.status is Status.ARCHIVED:
        kind = StepKind.REVIVED
    if kind is StepKind.UPDATED and after == was.fields and not _types_differ(was.fields, after):
        return None
    paths = [path for path in sorted(was.fields.keys() | after.keys(), key=place) if not _same(was.fields, after, path)]
    stopped = guards.judge_fields(model.id, was.fields, after, paths, past.thresholds, past.history.get(model.id))
    origins = {path: field.origin for path, field in model.fields.items()}
    changes = tuple(_change(path, was, after, origins, stopped, past.policy) for path in paths)
    reason = {StepKind.ARCHIVED: "upstream says that it is retired", StepKind.REVIVED: _listed_by(model)}
    hold = _wholly_reviewed(model, past.policy) if kind is not StepKind.UPDATED else None
    return Step(kind=kind, model_id=model.id, changes=changes, reason=reason.get(kind, ""), hold=hold)


def _new(model: Merged, after: Mapping[str, Value], past: _Past) -> Step:
    paths = sorted(after, key=place)
    stopped = guards.judge_fields(model.id, None, after, paths, past.thresholds)
    changes = tuple(
        FieldChange(
            path=path,
            after=after[path],
            origin=(origin := model.fields[path].origin),
            hold=stopped.get(path) or _reviewed((origin.source,), past.policy),
        )
        for path in paths
    )
    hold = _wholly_reviewed(model, past.policy)
    return Step(kind=StepKind.NEW, model_id=model.id, changes=changes, reason=_listed_by(model), hold=hold)


def _listed_by(model: Merged) -> str:
    return f"listed by {', '.join(model.sources)}" if model.sources else "listed"


def _unseen(was: Published, absences: Sequence[Absence], past: _Past) -> Step | None:
    if was.status is Status.ARCHIVED:
        return None
    if was.fields.get("stage") == _RETIRED:
        reason = "upstream said that it is retired, and lists it no more"
    elif absences and all(_absent(each.readings, past.thresholds) for each in absences):
        counted = ", ".join(f"{each.source} ({len(set(each.readings))})" for each in sorted(absences, key=_by_source))
        reason = f"no source lists it any more; complete readings without it: {counted}"
    else:
        return None
    sources = {origin.source for origin in was.origins.values()} | {each.source for each in absences}
    return Step(kind=StepKind.ARCHIVED, model_id=was.id, reason=reason, hold=_reviewed(sorted(sources), past.policy))


def _by_source(absence: Absence) -> str:
    return absence.source


def _absent(readings: Sequence[int], thresholds: Thresholds) -> bool:
    times = set(readings)
    wanted = max(thresholds.absent_readings, 1)
    return len(times) >= wanted and max(times) - min(times) >= thresholds.absent_hours * _HOUR


def _without_mass_removal(steps: list[Step], active: int, thresholds: Thresholds) -> list[Step]:
    removed = sum(1 for step in steps if step.kind is StepKind.ARCHIVED)
    hold = guards.mass_removal(removed, active, thresholds)
    if hold is None:
        return steps
    return [
        msgspec.structs.replace(step, hold=hold) if step.kind is StepKind.ARCHIVED and step.hold is None else step
        for step in steps
    ]


def _reviewed(sources: Iterable[str], policy: Policy) -> Hold | None:
    source = next((source for source in sources if policy.reviews(source)), None)
    return guards.under_review(source) if source is not None else None


def _wholly_reviewed(model: Merged, policy: Policy) -> Hold | None:
    # A source that is let through may bring a model; what the others say of it is held field by field.
    return _reviewed(model.sources, policy) if all(map(policy.reviews, model.sources)) else None


def _change(
    path: str,
    was: Published,
    after: Mapping[str, Value],
    origins: Mapping[str, Origin],
    stopped: Mapping[str, Hold],
    policy: Policy,
) -> FieldChange:
    origin = origins.get(path) or was.origins.get(path)
    hold = stopped.get(path)
    if hold is None and origin is not None:
        hold = _reviewed((origin.source,), policy)
    return FieldChange(
        path=path,
        before=was.fields.get(path, msgspec.UNSET),
        after=after.get(path, msgspec.UNSET),
        origin=origins.get(path),
        hold=hold,
    )


def _same(one: Mapping[str, Value], other: Mapping[str, Value], path: str) -> bool:
    first, second = one.get(path, msgspec.UNSET), other.get(path, msgspec.UNSET)
    return bool(first == second) and type(first) is type(second)


def _types_differ(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    # True equals 1 in Python, and is something else in JSON.
    return any(type(value) is not type(other[path]) for path, value in one.items())


def _after(was: Published | None, step: Step, revision: int, released: Mapping[str, str]) -> Published | None:
    fields = dict(was.fields) if was else {}
    origins = dict(was.origins) if was else {}
    moved = False
    for change in step.changes:
        if not lets_through(change.hold, field_name(step.model_id, change.path), released):
            continue
        moved = True
        fields.pop(change.path, None)
        origins.pop(change.path, None)
        if change.after is not msgspec.UNSET:
            fields[change.path] = change.after
            if change.origin is not None:
                origins[change.path] = change.origin
    if was is None and step.kind is not StepKind.NEW:
        return None
    status = {StepKind.ARCHIVED: Status.ARCHIVED, StepKind.UPDATED: was.status if was else Status.ACTIVE}.get(
        step.kind, Status.ACTIVE
    )
    if was is not None and not moved and status is was.status:
        return was
    return Published(
        id=step.model_id,
        status=status,
        fields=fields,
        origins=origins,
        since_revision=was.since_revision if was else revision,
        changed_revision=revision,
    )


def _back(now: Published | None, then: Published | None) -> Step | None:
    if now is None:
        if then is None or then.status is Status.ARCHIVED:
            return None
        return Step(kind=StepKind.NEW, model_id=then.id, changes=_all_back({}, then), reason="it was there then")
    if then is None:
        if now.status is Status.ARCHIVED:
            return None
        return Step(kind=StepKind.ARCHIVED, model_id=now.id, reason="it was not there then")
    changes = _all_back(now.fields, then)
    if now.status is then.status:
        return Step(kind=StepKind.UPDATED, model_id=now.id, changes=changes, reason="as it was") if changes else None
    kind = StepKind.ARCHIVED if then.status is Status.ARCHIVED else StepKind.REVIVED
    return Step(kind=kind, model_id=now.id, changes=changes, reason="as it was")


def _all_back(now: Mapping[str, Value], then: Published) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(
            path=path,
            before=now.get(path, msgspec.UNSET),
            after=then.fields.get(path, msgspec.UNSET),
            origin=then.origins.get(path),
        )
        for path in sorted(now.keys() | then.fields.keys(), key=place)
        if not _same(now, then.fields, path)
    )
