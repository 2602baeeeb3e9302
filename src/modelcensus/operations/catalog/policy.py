"""How the catalog is made: who makes models, whose word counts, what is held back, what people want to see first."""

from __future__ import annotations

from pathlib import Path

import msgspec

from modelcensus.core.catalog.guards import Thresholds
from modelcensus.core.catalog.linking import Anchors
from modelcensus.core.catalog.merging import Precedence
from modelcensus.core.catalog.planning import Policy


class CatalogPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of the catalog.

    ``automatic``: a sync publishes at once what nothing holds. ``own_facts`` and ``own_filter`` are a user's own files
    for models whose listing names no price.
    """

    automatic: bool = True
    anchors: Anchors = Anchors()
    precedence: Precedence = Precedence()
    thresholds: Thresholds = Thresholds()
    review: Policy = Policy()
    own_facts: Path | None = None
    own_filter: Path | None = None
