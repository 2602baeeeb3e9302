"""Which model a name is that a person or a program has, by all that is linked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from modelcensus.core.catalog.candidates import Shelf
from modelcensus.core.catalog.evidence import Found, Index, Named, search
from modelcensus.core.catalog.linking import Link, Links
from modelcensus.core.catalog.naming import Step, parsed


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What a name resolves to.

    ``model_id`` is None where no model, or more than one, is meant: then ``candidates`` are models to look at.
    ``why`` says in words what it rests on, ``steps`` how the name was taken apart, ``aliases`` are all names that are
    linked to the model.
    """

    name: str
    model_id: str | None
    why: str
    steps: tuple[Step, ...] = ()
    aliases: tuple[Link, ...] = ()
    candidates: tuple[str, ...] = ()


def resolve(name: str, links: Links) -> Resolution:
    """``name`` as a universal id, as a name of a source, or by the rules of linking, in this order."""
    read = parsed(name)
    seen: tuple[str, ...] = ()
    for ids, why in _answers(name, links):
        if len(ids) == 1:
            aliases = tuple(link for link in links.linked if link.model_id == ids[0])
            return Resolution(name=name, model_id=ids[0], why=why, steps=read.steps, aliases=aliases)
        if ids:
            seen = ids
            break
    if seen:
        why = f"{len(seen)} models are equally right"
        return Resolution(name=name, model_id=None, why=why, steps=read.steps, candidates=seen)
    near = Shelf((model.id, model.name) for model in links.models.values()).near(read)
    return Resolution(name=name, model_id=None, why="no model has this name", steps=read.steps, candidates=near)


def _answers(name: str, links: Links) -> Iterator[tuple[tuple[str, ...], str]]:
    folded = name.strip().casefold()
    yield tuple(sorted(m for m in links.models if m.casefold() == folded)), "it is the model's universal id"
    linked = [link for link in links.linked if link.key.casefold() == folded]
    decided = [link for link in linked if link.decided_by != "rule"]
    yield _ids(decided), "; ".join(link.evidence for link in decided[:1])
    yield _ids(linked), "; ".join(f"{link.source} lists it, and {link.evidence}" for link in linked[:1])
    index = Index()
    for model in links.models.values():
        index.add(model)
    read = parsed(name)
    for found in search(index, Named(source="", key=name, canonical=name.strip() if "/" in name else None), read):
        yield _of(found), found.evidence


def _ids(links: Iterable[Link]) -> tuple[str, ...]:
    return tuple(sorted({link.model_id for link in links}))


def _of(found: Found) -> tuple[str, ...]:
    return tuple(sorted(model.id for model in found.models))
