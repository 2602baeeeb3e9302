"""Which model a name is that a person or a program has, by all that is linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from modelcensus.core.catalog.candidates import Shelf
from modelcensus.core.catalog.evidence import Found, Index, Named, search
from modelcensus.core.catalog.linking import Link, Links
from modelcensus.core.catalog.naming import Step, parsed


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What a name resolves to.

    ``model_id`` is None where no model, or more than one, is meant: then ``candidates`` are models to look at.
    ``evidence`` says in words what it rests on, ``confidence`` (0 to 100) how much, ``steps`` how the name was taken
    apart. ``links`` are those of this very name, ``aliases`` all names that are linked to the model.
    """

    name: str
    model_id: str | None
    evidence: str
    confidence: int = 0
    steps: tuple[Step, ...] = ()
    links: tuple[Link, ...] = ()
    aliases: tuple[Link, ...] = ()
    candidates: tuple[str, ...] = ()


class Resolver:
    """Links made ready to be asked many times; one answer alone costs as much as making it."""

    def __init__(self, links: Links) -> None:
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._by_key: dict[str, list[Link]] = defaultdict(list)
        self._by_model: dict[str, list[Link]] = defaultdict(list)
        self._index = Index()
        for model in links.models.values():
            self._ids[model.id.casefold()].append(model.id)
            self._index.add(model)
        for link in links.linked:
            self._by_key[link.key.casefold()].append(link)
            self._by_model[link.model_id].append(link)
        self._shelf = Shelf((model.id, model.name) for model in links.models.values())

    def resolve(self, name: str) -> Resolution:
        """``name`` as a universal id, as a name of a source, or by the rules of linking, in this order."""
        own = tuple(self._by_key.get(name.strip().casefold(), ()))
        nobody = Resolution(name=name, model_id=None, evidence="", steps=parsed(name).steps, links=own)
        for ids, evidence, confidence in self._answers(name, own):
            if len(ids) == 1:
                aliases = tuple(self._by_model.get(ids[0], ()))
                return msgspec.structs.replace(
                    nobody, model_id=ids[0], evidence=evidence, confidence=confidence, aliases=aliases
                )
            if ids:
                return msgspec.structs.replace(nobody, evidence=f"{len(ids)} models are equally right", candidates=ids)
        near = self._shelf.near(parsed(name))
        return msgspec.structs.replace(nobody, evidence="no model has this name", candidates=near)

    def _answers(self, name: str, own: Sequence[Link]) -> Iterator[tuple[tuple[str, ...], str, int]]:
        yield tuple(sorted(self._ids.get(name.strip().casefold(), ()))), "it is the model's universal id", 100
        decided = [link for link in own if link.decided_by != "rule"]
        yield _ids(decided), "; ".join(link.evidence for link in decided[:1]), 100
        best = max(own, key=lambda link: link.confidence, default=None)
        if best is not None:
            yield _ids(own), f"{best.source} lists it, and {best.evidence}", best.confidence
        asked = Named(source="", key=name, canonical=name.strip() if "/" in name else None)
        for found in search(self._index, asked, parsed(name)):
            yield _of(found), found.evidence, found.confidence


def resolve(name: str, links: Links) -> Resolution:
    """One name by links that are asked once; see ``Resolver.resolve``."""
    return Resolver(links).resolve(name)


def _ids(links: Iterable[Link]) -> tuple[str, ...]:
    return tuple(sorted({link.model_id for link in links}))


def _of(found: Found) -> tuple[str, ...]:
    return tuple(sorted(model.id for model in found.models))
