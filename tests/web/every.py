"""Every page there is, for what must hold on each of them and for their pictures."""

from __future__ import annotations

from modelcensus.operations import browse
from modelcensus.operations.catalog import applying, auditing
from modelcensus.operations.census import Census
from modelcensus.store import runs
from modelcensus.store.catalog.plans import PlanState

PUBLIC = {
    "home": "/",
    "models": "/models",
    "model": "/models/openai/gpt-5-mini",
    "compare": "/compare?m=openai/gpt-5.1&m=anthropic/claude-sonnet-4.5&m=google/gemini-3-pro",
    "changes": "/changes",
    "changes-sources": "/changes/sources",
    "providers": "/providers",
    "labs": "/providers?of=labs",
    "provider": "/providers/openai",
    "trends": "/trends",
    "sources": "/sources",
    "source": "/sources/openrouter",
    "entity": "/entity/openai/gpt-5-mini",
    "find": "/find?q=gpt",
    "docs": "/docs",
    "help": "/help",
    "login": "/login",
}
"""Pages for everybody by the names of their pictures, on the census of ``months.five_months``."""
VARIANTS = (
    "/models?q=gpt&sort=price.input",
    "/models?q=nothing-like-this",
    "/models/openai/gpt-5.1",
    "/models/openai/gpt-5-mini?as_of=2026-02-01",
    "/models/anthropic/claude-3-opus",
    "/models/no/such-model",
    "/compare",
    "/providers/-",
    "/entity?key=openai/gpt-5.1",
    "/entity/openai/gpt-5-mini?source=openrouter&version=nothing-like-this",
)
"""The same pages as they are otherwise: with nothing found, rewound, of a model that is gone ..."""
OFFICE = {
    "health": "/admin",
    "syncs": "/admin/syncs",
    "runs": "/admin/syncs/runs",
    "sync-log": "/admin/syncs/log",
    "plans": "/admin/plans",
    "revisions": "/admin/plans/revisions",
    "admin-models": "/admin/models",
    "admin-model": "/admin/models/openai/gpt-5.1",
    "names": "/admin/names",
    "names-linked": "/admin/names?show=linked",
    "names-decided": "/admin/names?show=decided",
    "disagreements": "/admin/disagreements",
    "admin-sources": "/admin/sources",
    "admin-source": "/admin/sources/openrouter",
    "drift": "/admin/drift",
    "quality": "/admin/quality",
    "findings": "/admin/quality/findings",
    "quarantine": "/admin/quality/quarantine",
    "tokens": "/admin/tokens",
    "notices": "/admin/notices",
    "webhooks": "/admin/notices/webhooks",
    "audit": "/admin/audit",
}
"""Pages of administration that any census has."""
NO_PAGES = frozenset({"/models.csv", "/model-cost", "/admin/names/models"})
"""Paths of the pages that answer with a file, or with a part of a page for a script."""


def of_a_thing(census: Census) -> tuple[dict[str, str], dict[str, str]]:
    """Pages that name what this census made: those for everybody, and those of administration."""
    newest, older = [
        each for each in browse.history(census.store, "openai/gpt-5-mini", source="openrouter") if each.sha256
    ][:2]
    (plan,) = applying.stored_plans(census.store, state=PlanState.OPEN, limit=1)
    with census.store.reading() as tx:
        (run,) = runs.newest(tx, limit=1)
    (act,) = auditing.acts(census.store, limit=1)
    entity = "/entity/openai/gpt-5-mini?source=openrouter"
    public = {
        "version": f"{entity}&version={newest.sha256}",
        "versions-compared": f"{entity}&from={older.sha256}&to={newest.sha256}",
    }
    office = {
        "plan": f"/admin/plans/{plan.plan.digest}", "run": f"/admin/syncs/{run.id}",
        "act": f"/admin/audit/{act.first.id}",
    }  # fmt: skip
    return public, office
