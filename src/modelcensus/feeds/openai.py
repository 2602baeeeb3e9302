"""OpenAI's list of models, which nearly every client of models can read.

``GET /v1/models``, documented at https://platform.openai.com/docs/api-reference/models/list. It has no prices: models
whose price is not known are in it. Archived models are not.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.portraits import created, lab_of


class Row(msgspec.Struct, frozen=True):
    """One model. ``created`` is in seconds since 1970."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Listing(msgspec.Struct, frozen=True):
    """The whole answer."""

    object: Literal["list"]
    data: list[Row]


def row(portrait: Portrait, material: Material) -> Row:
    """One model; ``created`` is the day of its release, or when the census first listed it."""
    return Row(portrait.entry.model.id, "model", created(portrait, material), lab_of(portrait))


def build(material: Material) -> bytes:
    """The models that somebody offers today, by id."""
    return msgspec.json.encode(Listing("list", [row(each, material) for each in material.edition.active]))


def refusals(document: bytes) -> list[str]:
    """A client's types are exact, and it keeps models by id."""
    try:
        rows = msgspec.json.decode(document, type=Listing).data
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return [f"an OpenAI client cannot read it: {error}"]
    return repeated([each.id for each in rows])


def repeated(ids: list[Any]) -> list[str]:
    """A reason, if an id comes twice."""
    twice = sorted({each for each in ids if ids.count(each) > 1}) if len(set(ids)) < len(ids) else []
    return [f"listed more than once: {', '.join(twice[:5])}"] if twice else []


FEED = Feed(
    name="openai",
    title="OpenAI models",
    consumer="OpenAI clients and Open WebUI: set the base URL to ours + /v1",
    media_type="application/json",
    suffix="json",
    paths=("/v1/models",),
    build=build,
    refusals=refusals,
)
