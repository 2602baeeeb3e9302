"""Look through the models as whoever runs the catalog does: filtered, ordered, counted, in pages."""

from __future__ import annotations

import msgspec

from modelcensus.core.catalog import roster
from modelcensus.core.catalog.model import AuditEntry
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.roster import Mark, Page, RosterRow, Wanted
from modelcensus.operations.catalog import applying, browsing
from modelcensus.operations.census import Census
from modelcensus.store.engine import Store

ACTS = 100
"""Acts on a model that its dossier tells, the newest."""


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """All there is about one model and what people did to it: its row, its portrait, the newest acts on it."""

    row: RosterRow
    portrait: Portrait
    audit: tuple[AuditEntry, ...]


def page(
    store: Store, wanted: Wanted, *, now: int, order: str = "id", after: Mark | None = None, limit: int = 100
) -> Page:
    """One page of the roster, archived models included, as of now. Raises ``InvalidInput`` for another order's mark."""
    rows = map(roster.row_of, browsing.entries(store, now=now, archived=True))
    return roster.page_of(rows, wanted, order, after, limit)


def dossier(census: Census, model_id: str, *, now: int) -> Dossier:
    """One model with everything that administration knows of it. Raises ``NotFound``."""
    portrait = browsing.portrait(census.store, model_id, now=now, precedence=census.catalog.precedence)
    acts = applying.audit_log(census.store, target=model_id, limit=ACTS)
    return Dossier(row=roster.row_of(portrait.entry), portrait=portrait, audit=tuple(acts))
