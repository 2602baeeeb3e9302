"""A served census with a published catalog: two revisions, a dear model with two names, a cheap one, others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt

from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings
from tests.builders import at, census_at, model, modelsdev, openrouter, read
from tests.web.serving import served

SECRET = "a secret of thirty-two letters, or more"  # of this test alone
ODD = "lab/a b:x@2~(y)+100%?#é"
TIERED = Settings(access=AccessSettings(mode="tiers", jwt_secret=SECRET))


def sold(key: str, price: str, context: int = 128_000, **fields: Any) -> dict[str, Any]:
    """One model of OpenRouter."""
    shape = {"input_modalities": ["text"], "output_modalities": ["text"]}
    return model(key, price=price, context_length=context, architecture=shape, **fields)


def stocked(census: Census) -> None:
    """Two readings of OpenRouter and one of models.dev, published after the first and after the last."""
    plenty = [sold(f"lab/m{number}", "0.000004") for number in range(5)]
    read(census, openrouter(sold("lab/cheap", "0.0000005"), sold("lab/dear", "0.00001"), sold(ODD, "0"), *plenty))
    update(census, now=at(1))
    dearer = sold("lab/dear", "0.000012", canonical_slug="lab/dear-20260101")
    read(census, openrouter(sold("lab/cheap", "0.0000005"), dearer, sold(ODD, "0"), *plenty), 24)
    known = {"dear": {"cost": {"input": 12, "output": 2}, "limit": {"context": 200_000, "output": 9_000}}}
    read(census, modelsdev(lab=known), 25, source="modelsdev")
    update(census, now=at(26))


@contextmanager
def shop(url: str, settings: Settings | None = None) -> Iterator[tuple[Census, str]]:
    """A stocked census and the address where it is served."""
    with census_at(url) as census:
        stocked(census)
        with served(census, settings) as address:
            yield census, address


def bearer(tier: str) -> dict[str, str]:
    """What a caller of a tier sends."""
    token = jwt.encode({"sub": f"someone-{tier}", "subscription_tier": tier, "exp": 4_000_000_000}, SECRET, "HS256")
    return {"Authorization": f"Bearer {token}"}
