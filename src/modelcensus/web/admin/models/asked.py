"""Which models the list shows, and what a form wants of them."""

from __future__ import annotations

from typing import Any

from modelcensus.core.catalog.model import Tier
from modelcensus.core.catalog.roster import SHOWN_STATUSES, Order, Wanted
from modelcensus.core.errors import InvalidInput
from modelcensus.web.rendering.queries import Query
from modelcensus.web.visitors.forms import Form

NO_TIER = "none"
FLAGS = {
    "enabled": "Enabled", "is_free": "Free", "is_pro": "Pro", "is_enterprise": "Enterprise", "is_curated": "Curated",
}  # fmt: skip
"""What a bulk edit may set, and how it is called."""
_ANSWERS = {"yes": True, "no": False}
_ORDERS = tuple(f"{sign}{order}" for order in Order for sign in ("", "-"))


def wanted_of(query: Query) -> Wanted:
    """The filters of the list. Raises ``InvalidInput``."""
    tier = query.one_of("tier", (*Tier, NO_TIER))
    return Wanted(
        status=query.one_of("status", SHOWN_STATUSES), provider=query.text("provider") or None,
        enabled=query.flag("enabled"), curated=query.flag("curated"), overridden=query.flag("overridden"),
        tier=Tier(tier) if tier and tier != NO_TIER else None, tiered=False if tier == NO_TIER else None,
        text=query.text("text"),
    )  # fmt: skip


def order_of(query: Query) -> str:
    """The order of the list. Raises ``InvalidInput``."""
    return query.one_of("sort", _ORDERS) or Order.ID


def changes_of(form: Form) -> dict[str, Any]:
    """The fields that a bulk edit sets. Raises ``InvalidInput`` where it sets none."""
    given = {name: form.one(name) for name in FLAGS}
    if strange := next((word for word in given.values() if word not in ("", *_ANSWERS)), None):
        raise InvalidInput(f"'{strange[:40]}' is neither yes nor no", "choose one of the two, or leave it as it is")
    found = {name: _ANSWERS[word] for name, word in given.items() if word}
    if not found:
        raise InvalidInput("it is not said what to change", "choose at least one of: " + ", ".join(FLAGS.values()))
    return found
