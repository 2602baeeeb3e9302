"""Which names are one model: models by their anchors, every other listing by evidence, the rest for a person.

Pure and deterministic: the same listings and decisions give the same links, in whatever order they come.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from modelcensus.core.catalog.candidates import Shelf
from modelcensus.core.catalog.evidence import Found, Index, Known, Named, search, veto
from modelcensus.core.catalog.labs import maker
from modelcensus.core.catalog.model import Relation
from modelcensus.core.catalog.naming import Name, parsed

Place = tuple[str, str]
"""Source and key."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
Dates = Mapping[tuple[object, ...], frozenset[str]]


class Anchors(msgspec.Struct, frozen=True, kw_only=True):
    """Sources whose listings make models, in order.

    ``routers`` name models ``lab/name``, each a model. ``natives`` list their own models, by the lab that the source
    is named for here. ``directories`` list providers: an entry at the provider that is the lab itself makes a model.
    """

    routers: tuple[str, ...] = ("openrouter",)
    natives: tuple[tuple[str, str], ...] = (("openai", "openai"), ("anthropic", "anthropic"), ("google", "google"))
    directories: tuple[str, ...] = ("modelsdev",)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of all of them."""
        return (*self.routers, *(source for source, _ in self.natives), *self.directories)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on one name: it is ``model_id``, or with None: no rule may link it. The latest ``at`` counts."""

    source: str
    key: str
    model_id: str | None
    by: str
    reason: str = ""
    at: int = 0


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A name and its model, as of now; see ``model.Alias``."""

    source: str
    key: str
    model_id: str
    relation: Relation
    evidence: str
    confidence: int
    decided_by: str = "rule"


class Unmatched(msgspec.Struct, frozen=True, kw_only=True):
    """A name that waits for a person: why no rule links it, and models to look at."""

    source: str
    key: str
    reason: str
    candidates: tuple[str, ...] = ()


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Models by id, and every listing either linked or unmatched; all sorted."""

    models: dict[str, Known]
    linked: tuple[Link, ...]
    unmatched: tuple[Unmatched, ...]


def link(listings: Iterable[Named], decisions: Sequence[Decision] = (), *, anchors: Anchors | None = None) -> Links:
    """Links of all listings. Where a place is listed twice, the first in the order of their fields counts."""
    return _Linking(listings, decisions, anchors or Anchors()).run()


def name_of(listed: Named, anchors: Anchors) -> Name:
    """The name of a listing in its parts: a router's is ``lab/name``, every other may begin with its provider.

    Where the key is a number and no name, the source's own slug is taken instead.
    """
    if listed.source in anchors.routers:
        return parsed(listed.key, lab=listed.lab, router=True)
    written = listed.canonical if listed.canonical and _UUID.fullmatch(listed.key) else listed.key
    return parsed(written, provider=listed.provider, lab=listed.lab)


class _Linking:
    """One run; ``open`` are the listings that are neither linked nor given up yet."""

    def __init__(self, listings: Iterable[Named], decisions: Sequence[Decision], anchors: Anchors) -> None:
        self.anchors = anchors
        self.listings: dict[Place, Named] = {}
        for named in sorted(listings, key=lambda each: (each.source, each.key, msgspec.json.encode(each))):
            self.listings.setdefault((named.source, named.key), named)
        self.names = {place: name_of(named, anchors) for place, named in self.listings.items()}
        self.open = dict.fromkeys(self.listings)
        self.index = Index()
        self.linked: dict[Place, Link] = {}
        self.reasons: dict[Place, str] = {}
        self.decisions: dict[Place, Decision] = {}
        for decision in sorted(decisions, key=lambda each: (each.at, each.by, each.model_id or "", each.reason)):
            self.decisions[(decision.source, decision.key)] = decision

    def run(self) -> Links:
        """Decisions, anchors in their order, then all the rest."""
        for place in self.decisions:
            self.open.pop(place, None)
        for source in self.anchors.routers:
            self._router(source)
        for source, lab in self.anchors.natives:
            self._makers([place for place in self.open if place[0] == source], {source: lab})
        for source in self.anchors.directories:
            self._makers([place for place in self.open if place[0] == source and self._is_own(place)], {})
        for place in list(self.open):
            self._link(place)
        self._decided()
        return self._links()

    def _router(self, source: str) -> None:
        places = [place for place in self.open if place[0] == source and not self._moves(place)]
        for place in (p for p in places if self.names[p].variant is None):
            self._make(place, place[1], "it is the catalog's anchor")
        for place in (p for p in places if self.names[p].variant is not None):
            base = place[1].rpartition(":")[0]
            # Some models are offered as a free variant only: they are models all the same.
            if base not in self.index and (source, base) not in self.listings:
                self._add(place, base, parsed(base, lab=self.listings[place].lab, router=True))
                self._close(place, base, Relation.VARIANT, "the model is offered as this variant only", 98)

    def _makers(self, places: Sequence[Place], labs: Mapping[str, str]) -> None:
        """Link what an earlier anchor has made, and make models of the rest: undated names first."""
        dates = self._dates(places)
        for place in sorted(places, key=lambda each: (self.names[each].date is not None, each)):
            name = self.names[place]
            lone = len(dates.get((name.lab, *name.identity), ())) < 2
            if self._link(place, lone_date=lone) or place in self.reasons:
                continue
            if name.variant or name.quantization or self._moves(place):
                continue
            lab = labs.get(place[0]) or name.lab or ""
            own = place[1].removeprefix("models/") if place[0] in labs else place[1].partition("/")[2]
            model_id = own if own.startswith(f"{lab}/") else f"{lab}/{own}"
            if model_id in self.index:
                self.reasons[place] = f"another model has the id {model_id} already"
            else:
                self._make(place, model_id, "it is the first to list this model")

    def _dates(self, places: Sequence[Place]) -> Dates:
        found: dict[tuple[object, ...], set[str]] = defaultdict(set)
        for place in places:
            name = self.names[place]
            if name.date is not None and name.is_full_date:
                found[(name.lab, *name.identity)].add(name.date)
        return {identity: frozenset(dates) for identity, dates in found.items()}

    def _is_own(self, place: Place) -> bool:
        lab = maker(self.listings[place].provider)
        return lab is not None and self.names[place].lab == lab

    def _moves(self, place: Place) -> bool:
        return self.listings[place].moving or self.names[place].moving

    def _make(self, place: Place, model_id: str, evidence: str) -> None:
        if model_id in self.index:
            self.reasons[place] = f"another model has the id {model_id} already"
            return
        self._add(place, model_id, self.names[place])
        self._close(place, model_id, Relation.SAME, evidence, 100)

    def _add(self, place: Place, model_id: str, name: Name) -> None:
        named = self.listings[place]
        canonical = parsed(named.canonical, router=True) if named.canonical else None
        told = canonical is not None and name.date is None and canonical.identity == name.identity
        self.index.add(
            Known(
                id=model_id,
                source=named.source,
                key=named.key,
                name=name,
                title=named.name,
                canonical=named.canonical,
                canonical_date=canonical.date if canonical and told else None,
                hugging_face_id=named.hugging_face_id,
                context=named.context,
                modality=named.modality,
                outputs=named.outputs,
            )
        )

    def _close(self, place: Place, model_id: str, relation: Relation, evidence: str, confidence: int) -> None:
        self.linked[place] = Link(
            source=place[0],
            key=place[1],
            model_id=model_id,
            relation=relation,
            evidence=evidence,
            confidence=confidence,
        )
        self.open.pop(place, None)

    def _link(self, place: Place, *, lone_date: bool = True) -> bool:
        """Whether evidence linked it; if there was some and it did not, the reason is kept."""
        if place in self.reasons:
            return False
        named, name = self.listings[place], self.names[place]
        for found in search(self.index, named, name, lone_date=lone_date):
            if len(found.models) > 1:
                self.reasons[place] = _several(found)
                continue
            (model,) = found.models
            if against := veto(named, name, model, found.relation):
                self.reasons[place] = f"vetoed for {model.id}: {found.evidence}, but {against}"
                return False
            self.reasons.pop(place, None)
            self._close(place, model.id, found.relation, found.evidence, found.confidence)
            return True
        return False

    def _decided(self) -> None:
        for place, decision in self.decisions.items():
            if place not in self.listings:
                continue
            why = f": {decision.reason}" if decision.reason else ""
            if decision.model_id is None:
                self.reasons[place] = f"{decision.by} said that no rule may link it{why}"
                self.open[place] = None
                continue
            if decision.model_id not in self.index:
                self._add(place, decision.model_id, parsed(decision.model_id, router=True))
            self.linked[place] = Link(
                source=place[0],
                key=place[1],
                model_id=decision.model_id,
                relation=Relation.SAME,
                evidence=f"{decision.by} said so{why}",
                confidence=100,
                decided_by=decision.by,
            )

    def _links(self) -> Links:
        shelf = Shelf((model.id, model.name) for model in self.index.models.values())
        unmatched = tuple(
            Unmatched(
                source=place[0],
                key=place[1],
                reason=self.reasons.get(place) or _nothing(self.names[place], self._moves(place)),
                candidates=shelf.near(self.names[place]),
            )
            for place in sorted(self.open)
        )
        return Links(
            models=dict(sorted(self.index.models.items())),
            linked=tuple(self.linked[place] for place in sorted(self.linked)),
            unmatched=unmatched,
        )


def _several(found: Found) -> str:
    ids = sorted(model.id for model in found.models)
    return f"{found.evidence}, but {len(ids)} models are equally right: {', '.join(ids[:3])}"


def _nothing(name: Name, moves: bool) -> str:
    if moves:
        return "it is a name for whichever model is newest, and nothing says which that is"
    return f"no model has the name {name.lab}/{name.base}" if name.lab else f"no single model has the name {name.base}"
