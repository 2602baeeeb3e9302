"""The columns of the tables: one row for each model, archived ones too, what is not known left empty."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import msgspec

from modelcensus.core.catalog.curated import effectively_enabled, shown_status
from modelcensus.core.catalog.fields import RATES, number
from modelcensus.core.catalog.listing import CAPABILITIES
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds.portraits import name_of, text, whole, words


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    WHOLE = "whole"
    MONEY = "money"
    FLAG = "flag"
    WORDS = "words"


class Column(msgspec.Struct, frozen=True):
    """A name, what it holds, and how it is read off a model; None is not known."""

    name: str
    kind: Kind
    read: Callable[[Portrait], Any]


def _text(path: str) -> Column:
    return Column(path, Kind.TEXT, lambda portrait: text(portrait.entry.model.fields, path))


def _whole(path: str) -> Column:
    return Column(path, Kind.WHOLE, lambda portrait: whole(portrait.entry.model.fields, path))


def _words(path: str) -> Column:
    return Column(path, Kind.WORDS, lambda portrait: words(portrait.entry.model.fields, path) or None)


def _money(path: str) -> Column:
    return Column(path, Kind.MONEY, lambda portrait: number(portrait.entry.model.fields.get(path)))


def _flag(path: str) -> Column:
    def read(portrait: Portrait) -> bool | None:
        value = portrait.entry.model.fields.get(path)
        return value if isinstance(value, bool) else None

    return Column(path, Kind.FLAG, read)


def _curated(name: str) -> Column:
    return Column(name, Kind.FLAG, lambda portrait: getattr(portrait.entry.curation, name))


COLUMNS: tuple[Column, ...] = (
    Column("id", Kind.TEXT, lambda portrait: portrait.entry.model.id),
    Column("name", Kind.TEXT, name_of),
    _text("provider"),
    _text("lab"),
    _text("modality"),
    Column("status", Kind.TEXT, lambda portrait: portrait.entry.model.status.value),
    Column(
        "curation_status",
        Kind.TEXT,
        lambda portrait: shown_status(portrait.entry.curation, portrait.entry.model.status),
    ),
    Column(
        "enabled",
        Kind.FLAG,
        lambda portrait: effectively_enabled(portrait.entry.curation, portrait.entry.model.status),
    ),
    *map(_curated, ("is_curated", "is_free", "is_pro", "is_enterprise")),
    *map(_words, ("inputs", "outputs")),
    *map(_whole, ("context", "max_input", "max_output")),
    *(_money(f"price.{name}") for name in RATES),
    _flag("price.variable"),
    *(_flag(f"capabilities.{name}") for name in CAPABILITIES),
    *map(_text, ("stage", "released", "knowledge_cutoff", "deprecated", "retires", "successor", "licence")),
    _flag("open_weights"),
    _whole("parameters"),
    _text("hugging_face_id"),
    Column("overridden", Kind.WORDS, lambda portrait: sorted(each.path for each in portrait.entry.overrides) or None),
    Column("since_revision", Kind.WHOLE, lambda portrait: portrait.entry.model.since_revision),
    Column("changed_revision", Kind.WHOLE, lambda portrait: portrait.entry.model.changed_revision),
)
"""Money is USD per million tokens, or per one where the name says of what; days are ISO 8601 text as exact as known."""
