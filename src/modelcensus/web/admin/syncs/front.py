"""``/admin/syncs``: what runs, what is due, what ran; and the form that starts one, also when it was refused."""

from __future__ import annotations

import msgspec
from fastapi import Request, Response

from modelcensus.core.errors import AlreadyRunning, CensusError, NotNow, SettingsError
from modelcensus.core.run import Run, RunState
from modelcensus.operations import scheduling
from modelcensus.operations.scheduling import Outlook
from modelcensus.operations.working import looking
from modelcensus.serving.context import Context
from modelcensus.web.admin.syncs.standing import standing_of
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Visitor

_LATEST = 10
_NEXT = 3
_SECOND = 1_000_000


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a sync was not started: in words, and when to try again."""

    message: str
    hint: str
    status: int
    run: str | None = None
    again_at: int | None = None


def refusal(error: CensusError, now: int) -> Refusal:
    """A refusal in words; 409 for what runs, 429 for what ran a moment ago."""
    if not isinstance(error, NotNow):
        return Refusal(message=error.message, hint=error.hint, status=400)
    again = now + error.retry_after * _SECOND if error.retry_after else None
    running = isinstance(error, AlreadyRunning)
    hint = "It goes on below; start another one when it has ended." if running else error.hint
    return Refusal(
        message=error.message, hint=hint, status=409 if running else 429, run=error.run,
        again_at=None if running else again,
    )  # fmt: skip


def page(
    context: Context, pages: Pages, request: Request, visitor: Visitor, *, refused: Refusal | None = None,
    chosen: tuple[str, ...] = (),
) -> Response:  # fmt: skip
    """The page."""
    census, sync = context.census, context.settings.sync
    latest = context.runs.newest(limit=_LATEST)
    running = [run for run in context.runs.newest(running=True) if run.state is RunState.RUNNING]
    due, problem = _outlook(context)
    alive = int(context.settings.worker.lease_seconds * _SECOND)
    now = census.clock()
    workers = [each for each in looking.workers(census.store) if now - each.beat_at <= alive]
    return pages.page(
        request, visitor, "admin/syncs/syncs.html", status=refused.status if refused else 200, refused=refused,
        chosen=chosen, running=running, latest=_ended(latest), due=due, problem=problem, workers=workers, sync=sync,
        sources=list(census.sources.values()), standing_of=standing_of,
    )  # fmt: skip


def _ended(runs: list[Run]) -> list[Run]:
    return [run for run in runs if run.state is not RunState.RUNNING]


def _outlook(context: Context) -> tuple[list[Outlook], SettingsError | None]:
    census, settings = context.census, context.settings
    try:
        return scheduling.outlook(census, settings.sync, settings.sources, census.clock(), _NEXT), None
    except SettingsError as error:
        return [], error
