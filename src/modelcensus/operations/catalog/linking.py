"""Link: which names of which sources are one model, what waits for a person, and a person's word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from sqlalchemy import Connection

from modelcensus.core.catalog import linking, resolving
from modelcensus.core.catalog.evidence import named
from modelcensus.core.catalog.linking import Anchors, Decision, Links, Unmatched
from modelcensus.core.catalog.listing import Listing
from modelcensus.core.catalog.model import Alias, AuditEntry, Relation
from modelcensus.core.catalog.resolving import Resolution
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.operations.catalog.applying import because
from modelcensus.operations.catalog.applying import named as actor_named
from modelcensus.store.catalog import aliases, audit, listings
from modelcensus.store.catalog.aliases import LinkDecision, Moved
from modelcensus.store.engine import Store

VOICES = (Relation.SAME, Relation.SNAPSHOT)
"""What a name must be to its model for its listing to speak for it; a variant or moving name does not."""


def links_of(said: Iterable[Listing], decided: Iterable[LinkDecision], anchors: Anchors | None = None) -> Links:
    """Links of these listings under these words of people's; pure."""
    return linking.link(map(named, said), _decisions(decided), anchors=anchors)


def _decisions(decided: Iterable[LinkDecision]) -> list[Decision]:
    return [
        Decision(source=each.source, key=each.key, model_id=each.model_id if each.linked else None, by=each.actor,
                 reason=each.reason, at=each.at)
        for each in decided
    ]  # fmt: skip


def stored_links(tx: Connection, anchors: Anchors | None = None) -> Links:
    """Links of every current listing."""
    return links_of(listings.listings(tx), aliases.decisions(tx), anchors)


def relink(tx: Connection, links: Links, at: int) -> Moved:
    """Make these the aliases that hold from now on."""
    return aliases.keep(
        tx,
        [
            Alias(
                source=each.source, key=each.key, model_id=each.model_id, relation=each.relation,
                evidence=each.evidence, confidence=each.confidence, decided_by=each.decided_by, valid_from=at,
            )
            for each in links.linked
        ],
        at,
    )  # fmt: skip


def resolve(store: Store, name: str, *, anchors: Anchors | None = None) -> Resolution:
    """Which model a name means, every alias of it, and why. Never a guess: a name that is only like one has none."""
    with store.reading() as tx:
        return resolving.resolve(name, stored_links(tx, anchors))


def unmatched(
    store: Store, *, source: str | None = None, after: tuple[str, str] | None = None, limit: int = 100
) -> list[Unmatched]:
    """Names that no rule links, why, and models to look at, by source and key, from after such a place on."""
    with store.reading() as tx:
        found = stored_links(tx).unmatched
    fitting = (
        each for each in found if source in (None, each.source) and (after is None or (each.source, each.key) > after)
    )
    return list(islice(fitting, limit))


def waiting(store: Store) -> int:
    """How many names no rule linked when links were last made; counted, and so quicker than ``unmatched``."""
    with store.reading() as tx:
        return aliases.waiting(tx)


def names(
    store: Store, *, source: str | None = None, model_id: str | None = None, text: str = "",
    after: tuple[str, str] | None = None, limit: int = 100,
) -> list[Alias]:  # fmt: skip
    """The names that are linked now, by source and key, from after such a place on. ``text``: a part of the key."""
    wanted = text.casefold()
    with store.reading() as tx:
        found = aliases.current(tx) if model_id is None else aliases.of_model(tx, model_id)
    fitting = (
        each
        for each in sorted(found, key=lambda each: (each.source, each.key))
        if source in (None, each.source) and wanted in each.key.casefold()
        and (after is None or (each.source, each.key) > after)
    )  # fmt: skip
    return list(islice(fitting, limit))


def alias_of(store: Store, source: str, key: str) -> Alias | None:
    """What a name of a source is linked to now."""
    with store.reading() as tx:
        return next((each for each in aliases.of_key(tx, key, source=source) if each.valid_to is None), None)


def link(store: Store, source: str, key: str, model_id: str, actor: str, reason: str, now: int) -> None:
    """A person's word that a name is a model; it wins for ever, until a later word.

    The model may be one that only this name makes: then its id must be ``lab/name``. Raises ``NotFound``,
    ``InvalidInput``.
    """
    if not 3 <= len(model_id) <= 200 or "/" not in model_id.strip("/") or not model_id.isprintable():
        raise InvalidInput(f"'{model_id[:80]}' cannot be a model's id", "write it as lab/name")
    _decide(store, source, key, model_id, actor, reason, now)


def unlink(store: Store, source: str, key: str, actor: str, reason: str, now: int) -> None:
    """A person's word that no rule may link a name. Raises ``NotFound``, ``InvalidInput``."""
    _decide(store, source, key, None, actor, reason, now)


def _decide(store: Store, source: str, key: str, model_id: str | None, actor: str, reason: str, now: int) -> None:
    who, why = actor_named(actor), because(reason)
    with store.writing() as tx:
        said = list(listings.listings(tx))
        if not any((each.source, each.key) == (source, key) for each in said):
            raise NotFound(f"the source '{source}' lists no model '{key}'", "see the names: 'modelcensus unmatched'")
        before = next((each for each in aliases.of_key(tx, key, source=source) if each.valid_to is None), None)
        decision = LinkDecision(
            source=source, key=key, model_id=model_id, linked=model_id is not None, actor=who, reason=why, at=now
        )
        aliases.decide(tx, decision)
        relink(tx, links_of(said, aliases.decisions(tx)), now)
        entry = AuditEntry(
            id=0, at=now, actor=who, act="link" if model_id else "unlink", target=f"{source}/{key}",
            before=before.model_id if before else None, after=model_id, reason=why,
        )  # fmt: skip
        audit.append(tx, [entry])


def by_model(links: Links, said: Iterable[Listing]) -> Mapping[str, list[Listing]]:
    """The listings of each model; a variant is no voice on its model, and neither is a moving name."""
    voices = {(each.source, each.key): each.model_id for each in links.linked if each.relation in VOICES}
    found: dict[str, list[Listing]] = {}
    for listing in said:
        model_id = voices.get((listing.source, listing.key))
        if model_id is not None:
            found.setdefault(model_id, []).append(listing)
    return found
