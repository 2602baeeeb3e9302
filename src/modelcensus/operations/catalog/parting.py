"""One source's part of what would change: looked at without writing anything, then applied exactly as looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from modelcensus.core.catalog import parting, planning
from modelcensus.core.catalog.curated import brief
from modelcensus.core.catalog.model import ModelSyncDiff, Plan
from modelcensus.core.errors import InvalidInput, NotFound, StalePlan
from modelcensus.operations.catalog import applying
from modelcensus.operations.catalog.catalog import computed_plan
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.census import Census
from modelcensus.store.catalog import models
from modelcensus.store.catalog.revisions import Revision
from modelcensus.store.engine import Store

_DIGEST = re.compile(r"[0-9a-f]{8,64}")


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and what applying it would do to the catalog that it is based on, without what is held."""

    plan: Plan
    diff: ModelSyncDiff


def difference(store: Store, plan: Plan) -> Difference:
    """What a plan does, or did, to the revision that it is based on."""
    with uncollected(), store.reading() as tx:
        return Difference(plan=plan, diff=planning.sync_diff(plan, models.as_of(tx, plan.base_revision)))


def part(census: Census, source: str) -> Difference:
    """What a source would change now; nothing is written, not even a plan. Raises ``NotFound``."""
    if source not in census.sources:
        known = ", ".join(census.sources)
        raise NotFound(f"there is no source '{brief(source)}'", f"the sources are: {known}")
    whole = computed_plan(census.store, census.catalog)
    with uncollected(), census.store.reading() as tx:
        published = models.as_of(tx, whole.base_revision)
    mine = parting.part_of(whole, published, source)
    return Difference(plan=mine, diff=planning.sync_diff(mine, published))


def apply_part(
    census: Census, source: str, digest: str, actor: str, now: int, only: Iterable[str] | None = None,
    released: Callable[[Plan], Mapping[str, str]] | None = None,
) -> tuple[Plan, Revision]:  # fmt: skip
    """Publish exactly the part that was looked at, named by its digest or the first 8 digits or more.

    ``only`` and ``released`` are as for ``applying.apply``; what is released may depend on the plan.

    Raises ``NotFound``, ``StalePlan`` where the source's part is no longer the one that was looked at, and what
    ``applying.apply`` raises.
    """
    if not _DIGEST.fullmatch(digest):
        raise InvalidInput(f"'{brief(digest)}' is no digest", "give its 64 hexadecimal digits, or the first 8")
    mine = part(census, source).plan
    if not mine.digest.startswith(digest):
        raise StalePlan(
            f"what '{brief(source)}' would change is no longer what {digest[:12]} names",
            "ask for the difference again, and review that one",
        )
    if not mine.steps:
        raise InvalidInput(f"'{brief(source)}' would change nothing", "there is nothing to apply")
    applying.propose(census.store, mine, actor, now, reopen=True)
    let_through = released(mine) if released else None
    return mine, applying.apply(census.store, mine.digest, actor, now, only, let_through)
