"""Who may use which model: enabled, not archived, and of a tier that the caller's tier sees."""

from __future__ import annotations

from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import InvalidInput
from modelcensus.store.catalog import curation
from modelcensus.store.engine import Store


def tier_of(word: str | Tier | None) -> Tier:
    """The tier of a word; nobody in particular is free. Raises ``InvalidInput``."""
    if word is None:
        return Tier.FREE
    try:
        return Tier(word)
    except ValueError as error:
        raise InvalidInput(f"'{word}' is no tier", f"it may be: {', '.join(Tier)}") from error


def get_user_allowed_models(store: Store, tier: str | Tier | None) -> list[str]:
    """Ids of the models that a caller of the tier may use, in order: enterprise sees pro and free, pro sees free."""
    seen_by = tier_of(tier)
    with store.reading() as tx:
        return curation.allowed(tx, seen_by)


def can_user_use_model(store: Store, tier: str | Tier | None, model_id: str) -> bool:
    """Whether a caller of the tier may use the model; False also where there is no such model."""
    seen_by = tier_of(tier)
    with store.reading() as tx:
        return bool(curation.allowed(tx, seen_by, model_id))
