"""The part of a plan that one source brings: a smaller plan on the same revision, with a digest of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from modelcensus.core.catalog.model import FieldChange, Plan, Published, Step, StepKind
from modelcensus.core.catalog.planning import sealed


def part_of(plan: Plan, published: Mapping[str, Published], source: str) -> Plan:
    """What of a plan is this source's. What guards hold stays held.

    A new or returning model is its part, whole, where the source says any of its fields, so that no model is published
    by halves. Of an updated model its part are the fields that come from the source, or that came from it and go. An
    archived model is its part where the source says that it has ended, or where it alone had said what is published.
    """
    return sealed(plan.base_revision, _steps(plan, published, source), f"the part of {source}")


def _steps(plan: Plan, published: Mapping[str, Published], source: str) -> Iterator[Step]:
    for step in plan.steps:
        was = published.get(step.model_id)
        mine = tuple(change for change in step.changes if _is_from(change, was, source))
        if step.kind is StepKind.UPDATED:
            if mine:
                yield msgspec.structs.replace(step, changes=mine)
        elif mine or (step.kind is StepKind.ARCHIVED and _alone(was, source)):
            yield step


def _is_from(change: FieldChange, was: Published | None, source: str) -> bool:
    origin = change.origin or (was.origins.get(change.path) if was else None)
    return origin is not None and origin.source == source


def _alone(was: Published | None, source: str) -> bool:
    return was is not None and {origin.source for origin in was.origins.values()} == {source}
