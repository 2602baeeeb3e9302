"""``/admin``: is the census well, and what waits for a person."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.health import Finding, Severity
from modelcensus.operations import browse
from modelcensus.operations.health.looking import look
from modelcensus.operations.working import looking
from modelcensus.serving.context import Context
from modelcensus.settings import HealthSettings
from modelcensus.web.admin.overview.waiting import open_plans, waiting
from modelcensus.web.admin.syncs.standing import SYNCS, standing_of
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Viewer

_RUNS = 6
_SECOND = 1_000_000
_PLACES = {
    "freshness": ("/admin/syncs", "Start a sync"),
    "failures": ("/admin/syncs/runs", "See the runs"),
    "models": ("/admin/plans", "See the plans"),
    "held": ("/admin/plans", "Decide"),
    "drift": ("/admin/drift", "See the drift"),
    "feeds": ("/api/admin/health", "All of it, as JSON"),
    "workers": ("/admin/syncs#due", "See the schedule"),
}
"""Where something can be done about what a check finds, beside what its hint says."""


def routes(context: Context, pages: Pages) -> APIRouter:
    """This path."""
    router = APIRouter(include_in_schema=False)
    census, settings = context.census, context.settings

    @router.get("/admin")
    def get_overview(request: Request, visitor: Viewer) -> Response:
        health = look(census, settings)
        now = census.clock()
        plans = open_plans(census)
        return pages.page(
            request, visitor, "admin/overview/overview.html", health=health, places=_PLACES,
            wrong=[each for each in health.findings if each.severity is not Severity.OK],
            well=[each for each in health.findings if each.severity is Severity.OK],
            headline=headline(health.findings), waiting=waiting(census, plans), plans=plans,
            runs=context.runs.newest(limit=_RUNS), syncs=browse.syncs(census.store, limit=_RUNS),
            standing_of=standing_of, tones=SYNCS, workers=looking.workers(census.store), now=now,
            lease=int(settings.worker.lease_seconds * _SECOND), thresholds=thresholds(settings.health),
            limits=settings.health,
        )  # fmt: skip

    return router


def headline(findings: tuple[Finding, ...]) -> tuple[str, str]:
    """Tone and sentence for the whole."""
    critical = sum(each.severity is Severity.CRITICAL for each in findings)
    warnings = sum(each.severity is Severity.WARNING for each in findings)
    if critical:
        more = f", and {warnings:,} to keep an eye on" if warnings else ""
        return "bad", f"{critical:,} {'thing needs' if critical == 1 else 'things need'} you now{more}."
    if warnings:
        return "warn", f"{warnings:,} {'thing' if warnings == 1 else 'things'} to keep an eye on."
    return "good", "All is well."


def thresholds(limits: HealthSettings) -> tuple[tuple[str, str, str], ...]:
    """From where on something is wrong: in words, the value, and the setting."""
    return (
        ("Each source is read within", f"{limits.fresh_hours:g} h", "health.fresh_hours"),
        ("Active models, at least", f"{limits.min_models:,}", "health.min_models"),
        (f"Of the last {limits.window} runs may fail", f"{limits.failure_rate:.0%}", "health.failure_rate"),
        ("Held plans are told of after", f"{limits.held_hours:g} h", "health.held_hours"),
        ("Free on the disk, at least", f"{limits.disk_mb:,} MB", "health.disk_mb"),
        ("Clocks differ by at most", f"{limits.clock_seconds:g} s", "health.clock_seconds"),
    )
