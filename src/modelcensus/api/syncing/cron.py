"""A clock somewhere else starts syncs: Vercel, GitHub Actions, Kubernetes, crontab."""

from __future__ import annotations

from hmac import compare_digest
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Request, Response

from modelcensus.api.answering import only_known_parameters
from modelcensus.api.syncing.running import Sources, Wait, fresh, started, waited
from modelcensus.core.errors import Forbidden, NotNow, Unauthenticated
from modelcensus.core.run import RunResult, Trigger
from modelcensus.serving.context import Context, context_of

PATH = "/api/cron/sync-models"
OFF = "the setting sync.enabled is off"


class CronAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick did. ``skipped``: nothing was to be done, and ``reason`` says why; then ``run`` is the run that does
    it or did it a moment ago. ``left_out``: by source, why it was not synced with the others. ``result`` is there once
    the run has ended."""

    skipped: bool
    reason: str | None = None
    run: str | None = None
    retry_after: int | None = None
    left_out: dict[str, str] = {}
    result: RunResult | None = None


RECORDS: tuple[type[msgspec.Struct], ...] = (CronAnswer,)


def cron_secret(
    request: Request,
    x_cron_secret: Annotated[
        str | None, Header(description="CRON_SECRET, where `Authorization: Bearer` is taken.")
    ] = None,
) -> None:
    """A dependency: the request carries CRON_SECRET. Raises ``Unauthenticated``, ``Forbidden`` if none is set."""
    secret = (context_of(request).settings.access.cron_secret or "").strip()
    if not secret:
        raise Forbidden("nobody may do this: no cron secret is set", "set CRON_SECRET, and send it as a Bearer token")
    kind, _, bearer = request.headers.get("authorization", "").partition(" ")
    given = (bearer.strip() if kind.lower() == "bearer" else "", x_cron_secret or "")
    # HTTP's headers are bytes; the framework makes text of them byte by byte.
    if not any(compare_digest(each.encode("latin-1", "replace"), secret.encode()) for each in given):
        raise Unauthenticated(
            "this needs the cron secret", "send 'Authorization: Bearer' with CRON_SECRET, or 'X-Cron-Secret'"
        )


def routes(context: Context) -> APIRouter:
    """This path, by both methods: Vercel sends GET, others POST."""
    router = APIRouter(dependencies=[Depends(cron_secret), Depends(only_known_parameters)], tags=["syncing"])
    answers = started("CronAnswer", "CronAnswer")
    answers[200]["description"] = "The run has ended, or there was nothing to do"

    def tick(sources: Sources, wait: Wait) -> Response:
        sync = context.settings.sync
        if not sync.enabled:
            return fresh(CronAnswer(skipped=True, reason=OFF), 200)
        try:
            claim = context.runs.begin(sources, trigger=Trigger.CRON, actor="cron", partly=True)
        except NotNow as late:
            # The sync that this tick wants is under way or was a moment ago: for a clock that is no failure.
            return fresh(skip(late), 200)
        seconds = sync.wait_seconds if wait is None else wait
        _, result = waited(context.runs, claim.run.id, seconds)
        left_out = {name: error.message for name, error in claim.refused.items()}
        told = CronAnswer(skipped=False, run=claim.run.id, left_out=left_out, result=result)
        return fresh(told, 200 if result else 202)

    options: dict[str, Any] = {"summary": "A tick: sync what has not been synced a moment ago", "responses": answers}

    @router.post(PATH, **options)
    def post_tick(sources: Sources = None, wait: Wait = None) -> Response:
        return tick(sources, wait)

    @router.get(PATH, **options)
    def get_tick(sources: Sources = None, wait: Wait = None) -> Response:
        return tick(sources, wait)

    return router


def skip(late: NotNow) -> CronAnswer:
    """What a trigger is told that came while the same is done, or a moment after."""
    return CronAnswer(skipped=True, reason=late.message, run=late.run, retry_after=late.retry_after)
