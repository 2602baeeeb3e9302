"""``GET /providers``: who serves models (https://openrouter.ai/docs/api/api-reference/providers/list-providers)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modelcensus.core.check import Required, Unique
from modelcensus.core.reading import Document, Split
from modelcensus.sources.adapter import Ask
from modelcensus.sources.openrouter.keyed import split_data
from modelcensus.sources.openrouter.records import Provider

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


def fetch(ask: Ask) -> Iterator[Answer]:
    """The one document."""
    yield ask.get("providers")


def split(body: bytes) -> Split:
    """``{"data": [{"name": ..., "slug": ...}]}``. A provider's key is its slug."""
    return split_data(body, "provider", _slug)


def _slug(provider: dict[str, Any]) -> object:
    return provider.get("slug")


PROVIDERS = Document(
    category="provider",
    covers=("provider",),
    split=split,
    records={"provider": Provider},
    enums={"provider": ("headquarters", "datacenters[]")},
    checks={"provider": (Required("name"), Unique("name"))},
)
