"""models.dev's document: every model at its lab, and at the other providers that are known to offer it.

``GET /api.json``, documented at https://github.com/anomalyco/models.dev; USD per million tokens. What models.dev itself
says of a provider or model is kept where the catalog has no word for it (packages, addresses, families).

A model stands under its lab, in the entry that models.dev has for it where there is one, with the price that its lab
asks for, else the catalog's. Other providers are those of offerings whose key tells provider and id
(``groq/llama-3.3-70b``), with the price offered there; where models.dev is read, only those that it lists, for other
catalogs spell providers otherwise. A price of which input or output is not known is left out, whole. Archived models
stay, as ``deprecated``, so that their use can be priced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from modelcensus.core.catalog.labs import lab_of as one_name
from modelcensus.core.catalog.listing import Offering
from modelcensus.core.catalog.model import Relation
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import modelsdev_entries
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.makers import MAKERS
from modelcensus.feeds.modelsdev_schema import is_address, is_package, refusals
from modelcensus.feeds.portraits import lab_of, member

Catalog = dict[str, dict[str, msgspec.Raw]]
"""Provider -> id -> entry."""


def build(material: Material) -> bytes:
    """The whole document; providers and ids in order."""
    found: Catalog = {}
    for portrait in material.edition.portraits:
        place = _place(portrait, material)
        if place is not None:
            provider, name = place
            key = f"{provider}/{name}"
            offering = next((o for o in portrait.offerings if o.source in material.sources and o.key == key), None)
            entry = modelsdev_entries.own(name, offering, portrait, material, material.beneath.get(key))
            found.setdefault(provider, {})[name] = entry
    # The labs' own entries are all there: an offering never takes the place of one.
    for portrait in material.edition.portraits:
        for provider, name, offering in _elsewhere(portrait, material):
            listed = found.setdefault(provider, {})
            if name not in listed:
                said = material.beneath.get(offering.key) if offering.source in material.sources else None
                listed[name] = modelsdev_entries.offered(name, offering, portrait, material, said)
    return msgspec.json.encode(
        {name: {**_provider(name, material), "models": _ordered(found[name])} for name in sorted(found)}
    )


def _ordered(entries: Mapping[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    return {name: entries[name] for name in sorted(entries)}


def _place(portrait: Portrait, material: Material) -> tuple[str, str] | None:
    """(provider, id) under which a model stands at its lab: models.dev's own, where it is known.

    None where the lab means another model by that id, as DeepSeek does by ``deepseek-chat``.
    """
    model_id = portrait.entry.model.id
    lab = one_name(lab_of(portrait))
    usual = MAKERS[lab].id if lab in MAKERS else lab
    named = [alias for alias in portrait.aliases if alias.source in material.sources]
    names = [
        (provider, name)
        for alias in named
        if alias.relation is Relation.SAME
        for provider, _, name in (alias.key.partition("/"),)
        if name and provider in (usual, lab)
    ]
    if names:
        return min(names, key=lambda place: (place[0] != usual, place))
    name = model_id.partition("/")[2] or model_id
    key = f"{usual}/{name}"
    taken = key in material.beneath and all(alias.key != key for alias in named)
    return None if taken else (usual, name)


def _elsewhere(portrait: Portrait, material: Material) -> Iterator[tuple[str, str, Offering]]:
    """(provider, id, offering) of whoever else offers the model; models.dev's own word first."""
    for offering in sorted(portrait.offerings, key=lambda each: each.source not in material.sources):
        provider, _, name = offering.key.partition("/")
        known = offering.source in material.sources if material.sources else provider == offering.provider
        if provider and name and known:
            yield provider, name, offering


def _provider(name: str, material: Material) -> dict[str, Any]:
    """What is needed to use a provider: as models.dev recorded it, else as is known of labs."""
    said = material.beneath.get(name)
    maker = next((each for each in MAKERS.values() if each.id == name), None)
    if not isinstance(said, Mapping) and maker:
        said = {"name": maker.name, "env": [maker.env], "npm": maker.npm, "doc": maker.doc, "api": maker.api}
    variables = member(said, "env", list) or []
    found: dict[str, Any] = {
        "id": name,
        "name": member(said, "name", str) or name,
        "env": [each for each in variables if isinstance(each, str)],
        "doc": member(said, "doc", str) or material.address,
    }
    for part, check in (("npm", is_package), ("api", is_address)):
        if check(member(said, part, str)):
            found[part] = member(said, part, str)
    return found


FEED = Feed(
    name="modelsdev",
    title="models.dev",
    consumer="opencode: set OPENCODE_MODELS_URL to our address",
    media_type="application/json",
    suffix="json",
    paths=("/api.json",),
    build=build,
    refusals=refusals,
    over="modelsdev",
)
