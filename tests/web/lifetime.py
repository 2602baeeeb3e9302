"""A model with a past: prices and limits that moved, two sellers, a name elsewhere; an odd id, and one that is gone."""

from __future__ import annotations

from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.catalog.curating import edit
from modelcensus.operations.catalog.overriding import set_override
from modelcensus.operations.census import Census
from tests.api.shop import ODD, sold
from tests.builders import at, modelsdev, openrouter, read

BEFORE, BETWEEN = "2025-12-01", "2026-01-02T12:00:00Z"
"""Times before the first reading, and between the two revisions."""
REASON = "the contract says so"
ROUTER = "lab/router"
RUDE = "lab/<b>rude\u202e"


def lived(census: Census) -> None:
    """Read twice, publish after each; an override, a model for enterprise alone, and one that is gone."""
    others = [sold("lab/cheap", "0.0000005"), sold(ODD, "0"), sold("lab/hidden", "0.000003")]
    rude = sold(RUDE, "0.000001", name="<script>alert(1)</script>" + "y" * 10_000, description="\u202eevil <img src=x>")
    first = sold("lab/dear", "0.00001", context=100_000)
    read(census, openrouter(first, sold("lab/gone", "0.000001"), sold(ROUTER, "-1"), rude, *others))
    update(census, now=at(1))
    everybody = ["lab/dear", "lab/cheap", "lab/gone", ODD, ROUTER, RUDE]
    edit(census.store, everybody, {"enabled": True, "is_free": True}, "ann", at(2))
    edit(census.store, ["lab/hidden"], {"enabled": True, "is_enterprise": True}, "ann", at(2))
    dated = {"canonical_slug": "lab/dear-20260101", "expiration_date": "2026-01-03"}
    second = sold("lab/dear", "0.000012", context=200_000, **dated)
    for hours in (48, 73):
        read(census, openrouter(second, sold(ROUTER, "-1"), rude, *others), hours)
    known = {"cost": {"input": 12, "output": 2}, "limit": {"context": 150_000, "output": 9_000}}
    dump = {"cost": {"input": 9, "output": 2}, "limit": {"context": 150_000, "output": 9_000}}
    read(census, modelsdev(lab={"dear": known}, reseller={"lab/dear": dump}), 74, source="modelsdev")
    update(census, now=at(75))
    set_override(census.store, "lab/cheap", "context", 64_000, actor="ann", reason=REASON, now=at(76))
