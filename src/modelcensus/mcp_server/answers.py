"""What each tool answers: documents of a size that an agent can read, made of the public catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from modelcensus.core.catalog.cost import Usage
from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.catalog.query import ModelQuery, Sort
from modelcensus.core.catalog.record import Model, members_of
from modelcensus.core.document import encode
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import parse_time
from modelcensus.operations.catalog.counting import priced
from modelcensus.operations.catalog.public import PublicCatalog

MOST_MODELS, MOST_COMPARED, MOST_CHANGES = 100, 10, 100
_OFFERINGS, _NAMES, _PRICES, _LATEST = 50, 50, 20, 10
_LONGEST_TEXT = 600
_ROW = "name,provider,lab,status,modality,context,max_output,price,capabilities,released,stage"
"""The fields of a model in a list."""

Document = dict[str, Any]


def models(
    public: PublicCatalog, tier: Tier, query: ModelQuery, *, sort: Sort, limit: int, after: str | None
) -> Document:
    """A page of models, each in brief."""
    found = public.models(tier, query, sort=sort, limit=limit, after=after, fields=_ROW)
    page = _plain(found)
    return {"models": page["data"], "total": page["total"], "next": page["next"], "revision": page["revision"]}


def model(public: PublicCatalog, tier: Tier, name: str) -> Document:
    """One model by its id or any name, with offerings, names, past prices, latest changes. Raises ``NotFound``."""
    found = _plain(public.model(tier, _id_of(public, tier, name)))
    told = {key: value for key, value in found.items() if key not in ("provenance", "history", "prices")}
    told["sources"] = sorted({each["source"] for each in found["provenance"].values()})
    told["price_history"] = found["prices"][-_PRICES:]
    told["latest_changes"] = [_brief(each) for each in found["history"][:_LATEST]]
    for key, most in (("offerings", _OFFERINGS), ("aliases", _NAMES)):
        told[f"{key}_total"], told[key] = len(found[key]), found[key][:most]
    return _shortened(told)


def comparison(public: PublicCatalog, tier: Tier, names: Sequence[str]) -> Document:
    """Models side by side, and by path in what they differ. Raises ``NotFound``."""
    found = []
    for name in dict.fromkeys(_id_of(public, tier, each) for each in names):
        edition, portrait = public.find(tier, name)
        found.append(_shortened(_plain(Model(**members_of(portrait, open_=edition.open)))))
    flat = {each["id"]: dict(_flat(each)) for each in found}
    paths = dict.fromkeys(path for fields in flat.values() for path in fields if path not in ("id", "description"))
    differences = {
        path: {model_id: fields.get(path) for model_id, fields in flat.items()}
        for path in paths
        if len({repr(fields.get(path)) for fields in flat.values()}) > 1
    }
    return {"models": found, "differences": differences}


def price(public: PublicCatalog, tier: Tier, name: str, usage: Usage, at: str, region: str | None) -> Document:
    """What a use cost at a time. Raises ``NotFound``, ``InvalidInput``."""
    then = parse_time(at, public.census.now())
    return _plain(priced(public, tier, name, usage, then, region=region))


def resolved(public: PublicCatalog, tier: Tier, name: str) -> Document:
    """What a name means."""
    told = _plain(public.names.seen(name, _visible(public, tier)))
    told["aliases_total"], told["aliases"] = len(told["aliases"]), told["aliases"][:_NAMES]
    return told


def changes(
    public: PublicCatalog, tier: Tier, *, after: str | None, since: str | None, kind: StepKind | None,
    model_name: str | None, provider: str | None, field: str | None, limit: int,
) -> Document:  # fmt: skip
    """What happened to models. Raises ``InvalidInput``, ``NotFound``."""
    moment = parse_time(since, public.census.now()) if since is not None else None
    found = public.changes(
        tier, after=after, since=moment, kind=kind, provider=provider, field=field, limit=limit,
        model=_id_of(public, tier, model_name) if model_name is not None else None,
    )  # fmt: skip
    page = _plain(found)
    return {"changes": [_brief(each) for each in page["data"]], "after": page["after"], "more": page["more"]}


def _visible(public: PublicCatalog, tier: Tier) -> set[str]:
    return {each.entry.model.id for each in public.edition(tier).portraits}


def _id_of(public: PublicCatalog, tier: Tier, name: str) -> str:
    """The id of the model that a name means. Raises ``NotFound`` with what it may mean."""
    visible = _visible(public, tier)
    if name in visible:
        return name
    found = public.names.seen(name, visible)
    if found.model_id is not None:
        return found.model_id
    near = ", ".join(found.candidates)
    raise NotFound(
        f"no model is called '{name[:100]}': {found.evidence}",
        f"did you mean: {near}" if near else "search with list_models and its argument text",
    )


def _plain(record: msgspec.Struct) -> Document:
    plain: Document = msgspec.json.decode(encode(record))
    return plain


def _brief(event: Document) -> Document:
    """A change without what is long in it."""
    return {**event, "fields": [_shortened(each) for each in event["fields"]]}


def _shortened(document: Document) -> Document:
    """Texts cut where they are longer than an agent needs; what is cut ends in three dots."""
    return {
        key: f"{value[:_LONGEST_TEXT]}..." if isinstance(value, str) and len(value) > _LONGEST_TEXT else value
        for key, value in document.items()
    }


def _flat(document: Document, prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in document.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", value))
    return rows


def at_least_two(names: Sequence[str]) -> None:
    """Raises ``InvalidInput`` where there is nothing to compare."""
    if len(set(names)) < 2:
        raise InvalidInput("there is nothing to compare", f"name from 2 to {MOST_COMPARED} models")
