"""Editions: the whole catalog as it is served, now or as of an earlier time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.edition import Edition, Stamp
from modelcensus.core.catalog.linking import Links
from modelcensus.core.catalog.listing import Benchmark, Listing, Offering
from modelcensus.core.catalog.model import Alias, Curation, Published, Relation, Status
from modelcensus.core.catalog.portrait import Entry, Portrait
from modelcensus.operations.catalog.browsing import overrides_at, with_people
from modelcensus.operations.catalog.catalog import merged_models
from modelcensus.operations.catalog.linking import VOICES, links_of
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.catalog.rebuilding import said_at
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings
from modelcensus.store import stats
from modelcensus.store.catalog import aliases, curation, listings, models, revisions, stamps
from modelcensus.store.engine import Store

_DAY = 86_400_000_000


def stamp(store: Store) -> Stamp:
    """What tells the current edition from another."""
    with store.reading() as tx:
        return stamps.stamp(tx)


def trail(store: Store, expected: Stamp) -> str | None:
    """What tells this history from any other, as of a stamp; None where the stamp is another one by now."""
    with store.reading() as tx:
        return stamps.trail(tx) if stamps.stamp(tx) == expected else None


def moment(store: Store, at: int) -> int:
    """The earliest time of which the catalog is the same as of ``at``; facts have days, so it is of the same day."""
    with store.reading() as tx:
        latest = stamps.latest_move(tx, at)
    return 0 if latest is None else max(latest, at - at % _DAY)


def edition(census: Census, access: AccessSettings, *, now: int) -> Edition:
    """The catalog as it is served now, archived models included, whoever asks."""
    with uncollected(), census.store.reading() as tx:
        revision = revisions.find(tx, revisions.head(tx))
        offered, marks = _offered(listings.offerings(tx)), _marks(listings.listings(tx))
        named = _by_model(aliases.current(tx))
        return Edition(
            stamp=stamps.stamp(tx),
            portraits=tuple(_portraits(tx, models.published(tx), named, offered, marks, now)),
            published_at=revision.at if revision else 0,
            observed_at=stats.last_observed(tx) or 0,
            open=_is_open(tx, access),
            until=_until(tx, now),
        )


def edition_as_of(census: Census, access: AccessSettings, at: int) -> Edition:
    """The catalog as it was published at a time (microseconds); what people own of it is today's.

    Where nothing had been published by then it is worked out from the payloads of that time, as it would have been.
    Offerings and names are always those of the payloads of that time.
    """
    with uncollected(), census.store.reading() as tx:
        said, offerings = said_at(census, tx, at)
        decided = [each for each in aliases.decisions(tx) if each.at <= at]
        links = links_of(said, decided, census.catalog.anchors)
        number = revisions.at_time(tx, at)
        revision = revisions.find(tx, number)
        found = models.as_of(tx, number) if revision else _worked_out(census, links, said)
        observed = [each.observed_at for each in said]
        return Edition(
            stamp=msgspec.structs.replace(stamps.stamp(tx), revision=number),
            portraits=tuple(
                _portraits(tx, found, _by_model(_aliases(links, at)), _offered(offerings), _marks(said), at)
            ),
            published_at=revision.at if revision else at,
            observed_at=max(observed, default=0),
            as_of=at,
            rebuilt=revision is None,
            open=_is_open(tx, access),
            until=None,
        )


def edition_from(
    census: Census, said: list[Listing], offered: list[Offering], empty: Edition, *, at: int, until: int, fallback: str
) -> Edition:
    """An edition that stands in for an empty one, of listings that are nowhere recorded.

    Nobody has decided about these models yet: everybody sees them all.
    """
    links = links_of(said, (), census.catalog.anchors)
    found, named, offers = _worked_out(census, links, said), _by_model(_aliases(links, at)), _offered(offered)
    portraits = []
    for model in found.values():
        names = tuple(named.get(model.id, ()))
        shown = Curation(model_id=model.id, enabled=True, status="active", is_free=True)
        offerings = tuple(offer for each in names for offer in offers.get((each.source, each.key), ()))
        portraits.append(Portrait(entry=Entry(model=model, curation=shown), aliases=names, offerings=offerings))
    return msgspec.structs.replace(
        empty, portraits=tuple(portraits), published_at=at, observed_at=at if fallback == "live" else 0, until=until,
        fallback=fallback,
    )  # fmt: skip


def is_open(store: Store, access: AccessSettings) -> bool:
    """Whether everybody sees every model: tiers are not in use."""
    with store.reading() as tx:
        return _is_open(tx, access)


def _is_open(tx: Connection, access: AccessSettings) -> bool:
    if access.mode != "auto":
        return access.mode == "open"
    # Once somebody has decided about a model, a list that shows all the others would undo that decision.
    return not (access.jwt_secret or access.jwks_url or curation.is_decided(tx))


def _until(tx: Connection, now: int) -> int | None:
    ends = (each.expires_at for each in curation.overrides(tx, now=now) if each.expires_at is not None)
    return min(ends, default=None)


def _portraits(
    tx: Connection,
    found: Mapping[str, Published],
    named: Mapping[str, list[Alias]],
    offered: Mapping[tuple[str, str], list[Offering]],
    marks: Mapping[tuple[str, str], tuple[Benchmark, ...]],
    then: int,
) -> Iterable[Portrait]:
    people: dict[str, Curation] = curation.curations(tx)
    overrides = overrides_at(tx, then)
    for model_id in sorted(found):
        names = named.get(model_id, [])
        yield Portrait(
            entry=with_people(found[model_id], people.get(model_id), overrides.get(model_id, []), then),
            aliases=tuple(names),
            offerings=tuple(offer for each in names for offer in offered.get((each.source, each.key), ())),
            benchmarks=tuple(
                mark for each in names if each.relation in VOICES for mark in marks.get((each.source, each.key), ())
            ),
        )


def _worked_out(census: Census, links: Links, said: list[Listing]) -> dict[str, Published]:
    merged = merged_models(links, said, {}, census.catalog.precedence)
    return {
        each.id: Published(
            id=each.id, status=Status.ACTIVE,
            fields={path: field.value for path, field in each.fields.items()},
            origins={path: field.origin for path, field in each.fields.items()},
        )
        for each in merged
    }  # fmt: skip


def _aliases(links: Links, at: int) -> Iterable[Alias]:
    for each in links.linked:
        yield Alias(
            source=each.source, key=each.key, model_id=each.model_id, relation=Relation(each.relation),
            evidence=each.evidence, confidence=each.confidence, decided_by=each.decided_by, valid_from=at,
        )  # fmt: skip


def _by_model(names: Iterable[Alias]) -> dict[str, list[Alias]]:
    found: dict[str, list[Alias]] = {}
    for each in names:
        found.setdefault(each.model_id, []).append(each)
    return found


def _offered(offerings: Iterable[Offering]) -> dict[tuple[str, str], list[Offering]]:
    found: dict[tuple[str, str], list[Offering]] = {}
    for each in offerings:
        found.setdefault((each.source, each.model_key), []).append(each)
    return found


def _marks(said: Iterable[Listing]) -> dict[tuple[str, str], tuple[Benchmark, ...]]:
    return {(each.source, each.key): each.benchmarks for each in said if each.benchmarks}
