"""Every page there is, for what must hold on each of them."""

from __future__ import annotations

PUBLIC = (
    "/",
    "/models",
    "/models?q=gpt&sort=price.input",
    "/models?q=nothing-like-this",
    "/models/openai/gpt-5.1",
    "/models/openai/gpt-5-mini?as_of=2026-02-01",
    "/models/anthropic/claude-3-opus",
    "/models/no/such-model",
    "/compare",
    "/compare?m=openai/gpt-5.1&m=anthropic/claude-sonnet-4.5&m=google/gemini-3-pro",
    "/changes",
    "/providers",
    "/providers/openai",
    "/trends",
    "/sources",
    "/sources/openrouter",
    "/entity/openai/gpt-5.1",
    "/find?q=gpt",
    "/docs",
    "/help",
    "/login",
)
"""Pages for everybody, on the census of ``months.five_months``."""
OFFICE = (
    "/admin",
    "/admin/syncs",
    "/admin/plans",
    "/admin/models",
    "/admin/models/openai/gpt-5.1",
    "/admin/names",
    "/admin/disagreements",
    "/admin/sources",
    "/admin/drift",
    "/admin/quality",
    "/admin/tokens",
    "/admin/notices",
    "/admin/audit",
)
"""Pages of administration that need no name of a thing."""
