"""Editions out of a few words, with defaults for everything that a test of a feed does not care about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from modelcensus.core.catalog.edition import Edition, Stamp
from modelcensus.core.catalog.event import Event, Moved
from modelcensus.core.catalog.listing import Offering, Prices, Rates
from modelcensus.core.catalog.model import Alias, Curation, Origin, Override, Published, Relation, Status, StepKind
from modelcensus.core.catalog.portrait import Entry, Portrait
from modelcensus.core.times import to_micros
from modelcensus.feeds.feed import Material

NOON = to_micros(datetime(2026, 3, 1, 12, tzinfo=UTC))


def portrait(
    id: str = "openai/gpt-5",  # noqa: A002  # the field's name
    *,
    source: str = "openrouter",
    key: str | None = None,
    said_by: Mapping[str, str] | None = None,
    aliases: Iterable[Alias] | None = None,
    offerings: Iterable[Offering] = (),
    overrides: Mapping[str, Any] | None = None,
    status: Status = Status.ACTIVE,
    fields: Mapping[str, Any] | None = None,
    people: Mapping[str, Any] | None = None,
    **more: Any,
) -> Portrait:
    """A model whose every field comes from ``source``, but those of ``said_by`` (path -> source).

    ``more`` are fields by path, ``__`` for a dot: ``price__input="2"``. Without ``fields`` it has a name and prices.
    """
    usual = {"name": id.title(), "price.input": "2", "price.output": "8"} if fields is None else fields
    known = {**usual, **{path.replace("__", "."): value for path, value in more.items()}}
    known = {path: value for path, value in known.items() if value is not None}
    said = {path: (said_by or {}).get(path.split(".")[0], (said_by or {}).get(path, source)) for path in known}
    set_ = tuple(override(id, path, value) for path, value in (overrides or {}).items())
    return Portrait(
        entry=Entry(
            model=Published(
                id=id,
                status=status,
                fields={**known, **(overrides or {})},
                origins={path: Origin(who, "model", key or id, "0" * 64, NOON) for path, who in said.items()},
                since_revision=1,
                changed_revision=1,
            ),
            curation=Curation(model_id=id, **(people or {})),
            overrides=set_,
        ),
        aliases=(alias(source, key or id, id),) if aliases is None else tuple(aliases),
        offerings=tuple(offerings),
    )


def alias(source: str, key: str, model_id: str, relation: Relation = Relation.SAME) -> Alias:
    """A name of a source, linked by a rule."""
    return Alias(
        source=source, key=key, model_id=model_id, relation=relation, evidence="", confidence=100,
        decided_by="rule", valid_from=NOON,
    )  # fmt: skip


def override(model_id: str, path: str, value: Any) -> Override:
    """A field that a person set for good."""
    return Override(model_id=model_id, path=path, value=value, reason="ours", owner="ada", created_at=NOON)


def offering(source: str, key: str, provider: str, *, category: str = "model", **usd: str) -> Offering:
    """What a source says that a provider sells; ``usd`` is per million tokens."""
    return Offering(
        source=source, category=category, key=f"{key}|{provider}", sha256="0" * 64, observed_at=NOON, model_key=key,
        provider=provider, prices=Prices(base=Rates(**{name: Decimal(price) for name, price in usd.items()})),
    )  # fmt: skip


def edition(*portraits: Portrait, **more: Any) -> Edition:
    """An edition of these models, by id."""
    values: dict[str, Any] = {"stamp": Stamp(1, 0, 1, 0), "published_at": NOON, "observed_at": NOON, "open": True}
    return Edition(portraits=tuple(sorted(portraits, key=lambda each: each.entry.model.id)), **{**values, **more})


def material(*portraits: Portrait, beneath: Mapping[str, Any] | None = None, **more: Any) -> Material:
    """What a feed is made of, at ``https://census.example``."""
    return Material(
        edition=edition(*portraits), beneath=beneath or {}, address="https://census.example", **more
    )  # fmt: skip


def event(position: int = 1, **more: Any) -> Event:
    """A price that rose from 2 to 3."""
    values: dict[str, Any] = {
        "id": f"7-{position}", "revision": 7, "position": position, "at": NOON, "kind": StepKind.UPDATED,
        "model_id": "openai/gpt-5", "provider": "openai",
        "fields": (Moved(path="price.input", before="2", after="3", source="openrouter"),),
    }  # fmt: skip
    return Event(**{**values, **more})
