"""A look at everything that must be well. It never fails: what cannot be looked at is a finding."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import Connection

from modelcensus.core.errors import CensusError
from modelcensus.core.health import Finding, Health, Severity, health_of
from modelcensus.operations.census import Census
from modelcensus.operations.health import catalog, clock, database, freshness, storage, workers
from modelcensus.operations.health.vital import Vital, check_schema
from modelcensus.settings import Settings
from modelcensus.store.engine import Store

_log = logging.getLogger("modelcensus.health")
_PATIENCE_SECONDS = 5.0
"""A database that has not answered by then is down."""
Look = Callable[[Connection], Iterable[Finding]]


def look(census: Census, settings: Settings, *, patience: float = _PATIENCE_SECONDS) -> Health:
    """All findings, those that all is well included. Never raises; a database that is down is a critical one."""
    try:
        schema = _answering(census.store, patience)
    except CensusError as error:
        return without_database(error, settings, census.clock())
    except Exception as error:
        return health_of([_defect(database.CHECK, error), *_disks(settings)], census.clock())
    limits = settings.health
    looks: list[tuple[str, Look]] = [
        (database.CHECK, partial(database.answers, schema=schema)),
        (freshness.FRESHNESS, partial(freshness.freshness, census=census, limits=limits)),
        (freshness.FAILURES, partial(freshness.failures, census=census, limits=limits)),
        (catalog.MODELS, partial(catalog.models, limits=limits)),
        (catalog.HELD, partial(catalog.held_plans, census=census, limits=limits)),
        (catalog.DRIFT, partial(catalog.drift, census=census)),
        (catalog.FEEDS, catalog.feeds),
        (workers.CHECK, partial(workers.workers, census=census, limits=settings.worker)),
        (workers.QUARANTINE, workers.quarantine),
        (clock.CHECK, partial(clock.clocks, census=census, limits=limits)),
    ]
    findings = [finding for check, looking in looks for finding in _found(census.store, check, looking)]
    return health_of([*findings, *_disks(settings)], census.clock())


def without_database(error: CensusError, settings: Settings, at: int) -> Health:
    """What can be said of a census whose database cannot be used."""
    return health_of([database.unusable(error), *_disks(settings)], at)


def _answering(store: Store, patience: float) -> str:
    """The schema's version. Raises ``StoreError``."""
    vital = Vital(store)
    try:
        schema = vital.wait(patience)
    finally:
        vital.stop()
    check_schema(schema)
    return schema


def _found(store: Store, check: str, looking: Look) -> list[Finding]:
    """What one check finds, in a transaction of its own: the fault of one must not hide the others."""
    try:
        with store.reading() as tx:
            return list(looking(tx))
    except CensusError as error:
        return [Finding(check=check, severity=Severity.CRITICAL, message=error.message, hint=error.hint)]
    except Exception as error:
        return [_defect(check, error)]


def _disks(settings: Settings) -> list[Finding]:
    try:
        return list(storage.disks(settings))
    except Exception as error:
        return [_defect(storage.CHECK, error)]


def _defect(check: str, error: Exception) -> Finding:
    """A check that could not be made. What the error says may hold anything, and stays in the log."""
    _log.error("the check %s could not be made", check, exc_info=error)
    return Finding(
        check=check, severity=Severity.WARNING, message=f"it could not be looked at ({type(error).__name__})",
        hint="this is a defect of the program: please report it with what the log says",
    )  # fmt: skip
