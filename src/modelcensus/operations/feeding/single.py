"""One model, in the forms of the feeds that tell one."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.model import Status, Tier
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.errors import NotFound
from modelcensus.feeds import openai, openrouter
from modelcensus.feeds import openrouter_endpoints as endpoints
from modelcensus.feeds.feed import Feed, Material
from modelcensus.operations.feeding.desk import Desk, material_of
from modelcensus.operations.feeding.publishing import Printed


def openai_model(desk: Desk, model_id: str, tier: Tier, *, as_of: int | None = None) -> Printed:
    """One model as OpenAI tells it. Raises ``NotFound`` for one that is not offered to the tier, and ``StoreError``."""
    return _told(
        desk, openai.FEED, model_id, tier, as_of, lambda found, made_of: msgspec.json.encode(openai.row(found, made_of))
    )


def openrouter_endpoints(desk: Desk, model_id: str, tier: Tier, *, as_of: int | None = None) -> Printed:
    """Who offers one model, as OpenRouter tells it. Raises as ``openai_model`` does."""
    return _told(desk, openrouter.FEED, model_id, tier, as_of, endpoints.build)


def _told(
    desk: Desk, feed: Feed, model_id: str, tier: Tier, as_of: int | None, build: Callable[[Portrait, Material], bytes]
) -> Printed:
    material = material_of(desk, feed, tier, as_of=as_of)
    edition = material.edition
    return Printed(
        body=build(_offered(edition, model_id), material), revision=edition.stamp.revision,
        made_at=edition.published_at, observed_at=edition.observed_at,
    )  # fmt: skip


def _offered(edition: Edition, model_id: str) -> Portrait:
    for each in edition.portraits:
        if each.entry.model.id == model_id and each.entry.model.status is Status.ACTIVE:
            return each
    raise NotFound(f"there is no model '{model_id[:200]}'", "see all models: /v1/models")
