"""OpenRouter (https://openrouter.ai/docs/api-reference/overview): models, their endpoints, providers, and what only
its own pages know: orphans and authors."""

from __future__ import annotations

from modelcensus.sources.adapter import EXAMPLES, Adapter, Call, Option
from modelcensus.sources.openrouter import authors, endpoints, orphans, providers
from modelcensus.sources.openrouter.models import MODELS, fetch, next_page, split

__all__ = ["ADAPTER", "fetch", "next_page", "split"]


ADAPTER = Adapter(
    name="openrouter",
    title="OpenRouter",
    base_url="https://openrouter.ai/api/v1/",
    calls=(
        Call(document=MODELS, fetch=fetch),
        Call(document=endpoints.ENDPOINTS, fetch=endpoints.fetch, conditional=False),
        Call(document=providers.PROVIDERS, fetch=providers.fetch),
        Call(document=orphans.ORPHANS, fetch=orphans.fetch, optional=True, conditional=False),
        Call(document=authors.AUTHORS, fetch=authors.fetch, optional=True, conditional=False),
    ),
    key_header="Authorization",
    options=(
        # Without it the listing leaves out every model that does not answer in text.
        Option("output_modalities", "all", "only models that answer in these; 'all' for every model", sent=True),
        Option(
            "frontend",
            "../frontend/v1/catalog/models",
            "the listing that its own pages read, undocumented, below the base URL; empty for no orphans and authors",
        ),
    ),
    concurrency=8,
    documentation="https://openrouter.ai/docs/api-reference/overview",
    example=EXAMPLES / "openrouter.json",
)
