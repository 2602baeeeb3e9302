"""Small catalogs for tests: models as sources say they are, plans for them, and a store that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from modelcensus.core.catalog import planning
from modelcensus.core.catalog.guards import STANDARD, Thresholds
from modelcensus.core.catalog.model import Field, Merged, Origin, Plan, Published
from modelcensus.operations.catalog import applying
from modelcensus.store.catalog import models, revisions
from modelcensus.store.catalog.revisions import Revision
from modelcensus.store.engine import Store, open_store

NOW = 1_780_000_000_000_000
HOUR = 3_600_000_000
DAYS = (NOW - 72 * HOUR, NOW - 24 * HOUR, NOW)


@contextmanager
def store_at(url: str) -> Iterator[Store]:
    """An open store, closed at the end."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def merged(model_id: str = "lab/one", *, source: str = "openrouter", **fields: Any) -> Merged:
    """What sources say of a model; ``price`` is that of input, in a field's words."""
    said: dict[str, Any] = {"name": model_id.title(), "price.input": fields.pop("price", "2"), "context": 128_000}
    said |= fields
    origin = Origin(source=source, category="model", key=model_id, sha256="ab" * 32, observed_at=NOW)
    known = {path: Field(value, origin) for path, value in said.items() if value is not None}
    return Merged(id=model_id, fields=known, sources=(source,), offerings=1)


def published(store: Store) -> dict[str, Published]:
    """The catalog as it is now."""
    with store.reading() as tx:
        return models.published(tx)


def as_of(store: Store, revision: int) -> dict[str, Published]:
    """The catalog as of a revision."""
    with store.reading() as tx:
        return models.as_of(tx, revision)


def head(store: Store) -> int:
    """The catalog's revision."""
    with store.reading() as tx:
        return revisions.head(tx)


def planned(
    store: Store, *said: Merged, gone: Sequence[str] = (), thresholds: Thresholds = STANDARD, note: str = ""
) -> Plan:  # fmt: skip
    """The plan for what sources say now; models that are ``gone`` have been absent for long."""
    absences: Mapping[str, Any] = {model_id: (planning.Absence("openrouter", DAYS),) for model_id in gone}
    return planning.plan(head(store), published(store), said, absences=absences, thresholds=thresholds, note=note)


def proposed(store: Store, *said: Merged, actor: str = "sync", now: int = NOW, **options: Any) -> Plan:
    """A plan that is stored and waits."""
    made = planned(store, *said, **options)
    applying.propose(store, made, actor, now)
    return made


def applied(
    store: Store, *said: Merged, actor: str = "ann", now: int = NOW, only: Sequence[str] | None = None,
    released: Mapping[str, str] | None = None, **options: Any,
) -> Revision:  # fmt: skip
    """A plan made, stored and applied."""
    made = proposed(store, *said, now=now, **options)
    return applying.apply(store, made.digest, actor, now, only, released)
