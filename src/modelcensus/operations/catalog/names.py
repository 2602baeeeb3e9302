"""Names: which model a name means, asked often: the links are worked out once for each state of the census."""

from __future__ import annotations

from collections.abc import Container
from threading import Lock

import msgspec

from modelcensus.core.catalog.model import Relation
from modelcensus.core.catalog.record import KnownAs, known_as
from modelcensus.core.catalog.resolving import Resolution, Resolver
from modelcensus.operations.catalog.linking import stored_links
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.census import Census
from modelcensus.store.catalog import stamps

MAX_NAME = 500
"""Characters of a name that are looked at: no catalog has longer ones."""


class NameStep(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that took something off a name: what was left before and after it."""

    rule: str
    before: str
    after: str


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What a name means, as a caller may know it.

    ``model_id`` is null where it means no model, or more than one: then ``candidates`` are models to look at.
    ``relation`` is what the name is to the model, where a source lists it. ``evidence`` says in words what the answer
    rests on, ``confidence`` (0 to 100) how much, ``steps`` how the name was taken apart; ``aliases`` are all names
    of the model.
    """

    name: str
    model_id: str | None
    evidence: str
    confidence: int = 0
    relation: Relation | None = None
    steps: tuple[NameStep, ...] = ()
    aliases: tuple[KnownAs, ...] = ()
    candidates: tuple[str, ...] = ()


class Names:
    """The names of a census; safe to use from several threads."""

    def __init__(self, census: Census) -> None:
        self._census = census
        self._lock = Lock()
        self._held: tuple[tuple[int, int], Resolver] | None = None

    def resolve(self, name: str) -> Resolution:
        """Which model a name means. Never a guess: a name that is only like one has none."""
        return self._resolver().resolve(name[:MAX_NAME])

    def seen(self, name: str, visible: Container[str]) -> Resolved:
        """The same for a caller who sees these models: nothing that is told shows that there are others."""
        found = self.resolve(name)
        steps = tuple(NameStep(rule=each.transform, before=each.before, after=each.after) for each in found.steps)
        if found.model_id is None or found.model_id not in visible:
            candidates = tuple(each for each in found.candidates if each in visible)
            several = found.model_id is None and len(candidates) > 1 and candidates == found.candidates
            evidence = found.evidence if several else "no model has this name"
            return Resolved(name=name, model_id=None, evidence=evidence, steps=steps, candidates=candidates)
        own = [link for link in found.links if link.model_id == found.model_id]
        decided = any(link.decided_by != "rule" for link in own)
        return Resolved(
            name=name, model_id=found.model_id, confidence=found.confidence, steps=steps,
            evidence="a person said so" if decided and found.confidence == 100 else found.evidence,
            relation=own[0].relation if own else None, aliases=tuple(map(known_as, found.aliases)),
        )  # fmt: skip

    def _resolver(self) -> Resolver:
        with self._lock, self._census.store.reading() as tx:
            stamp = stamps.stamp(tx)
            # Listings are refreshed, or people link names: nothing else changes what a name means.
            place = (stamp.audit_id, stamp.refreshed)
            if self._held is None or self._held[0] != place:
                with uncollected():
                    self._held = (place, Resolver(stored_links(tx, self._census.catalog.anchors)))
            return self._held[1]
