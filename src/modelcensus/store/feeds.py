"""Feeds that were published: the last good copy of each, and why a newer one is refused."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.catalog.model import Tier

_reasons = msgspec.json.Decoder(tuple[str, ...])


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """The last good bytes of a feed for a tier: of which revision, and since when they are these bytes."""

    revision: int
    made_at: int
    body: bytes


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """That there is a good copy, without it."""

    name: str
    tier: Tier
    revision: int
    made_at: int


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A feed whose consumer would refuse what the census has now: since when, of which revision last, and why."""

    name: str
    tier: Tier
    revision: int
    refused_at: int
    reasons: tuple[str, ...]


def copy(tx: Connection, name: str, tier: Tier) -> Copy | None:
    """The last good copy."""
    sql = "SELECT revision, made_at, body FROM feed_copy WHERE name = :name AND tier = :tier"
    row = tx.execute(text(sql), {"name": name, "tier": tier.value}).first()
    return Copy(revision=row[0], made_at=row[1], body=bytes(row[2])) if row else None


def published(tx: Connection) -> list[Published]:
    """Every good copy that there is."""
    rows = tx.execute(text("SELECT name, tier, revision, made_at FROM feed_copy ORDER BY name, tier"))
    return [Published(name=row[0], tier=Tier(row[1]), revision=row[2], made_at=row[3]) for row in rows]


def refusals(tx: Connection) -> list[Refusal]:
    """Every feed that is refused."""
    rows = tx.execute(text(f"SELECT {_REFUSAL} FROM feed_refusal ORDER BY name, tier"))
    return [_refusal(row) for row in rows]


def refusal(tx: Connection, name: str, tier: Tier) -> Refusal | None:
    """Why a feed is refused, if it is."""
    sql = f"SELECT {_REFUSAL} FROM feed_refusal WHERE name = :name AND tier = :tier"
    row = tx.execute(text(sql), {"name": name, "tier": tier.value}).first()
    return _refusal(row) if row else None


def keep(tx: Connection, name: str, tier: Tier, kept: Copy) -> None:
    """Make this the good copy, unless there is one of a later revision; the feed is refused no more."""
    sql = """INSERT INTO feed_copy (name, tier, revision, made_at, body)
    VALUES (:name, :tier, :revision, :made_at, :body)
    ON CONFLICT (name, tier) DO UPDATE SET revision = excluded.revision, made_at = excluded.made_at,
    body = excluded.body WHERE feed_copy.revision <= excluded.revision"""
    place = {"name": name, "tier": tier.value}
    tx.execute(text(sql), {**place, **msgspec.structs.asdict(kept)})
    forget = "DELETE FROM feed_refusal WHERE name = :name AND tier = :tier AND revision <= :revision"
    tx.execute(text(forget), {**place, "revision": kept.revision})


def refuse(tx: Connection, refused: Refusal) -> None:
    """Note that a feed is refused; it is so since the first time in a row."""
    sql = """INSERT INTO feed_refusal (name, tier, revision, refused_at, reasons)
    VALUES (:name, :tier, :revision, :refused_at, :reasons)
    ON CONFLICT (name, tier) DO UPDATE SET revision = excluded.revision, reasons = excluded.reasons"""
    values: dict[str, Any] = msgspec.structs.asdict(refused)
    tx.execute(
        text(sql), {**values, "tier": refused.tier.value, "reasons": msgspec.json.encode(refused.reasons).decode()}
    )


def applied_at(tx: Connection) -> dict[int, int]:
    """When each revision of the catalog was applied, in microseconds."""
    return {row[0]: row[1] for row in tx.execute(text("SELECT number, at FROM revision"))}


_REFUSAL = "name, tier, revision, refused_at, reasons"


def _refusal(row: Any) -> Refusal:
    return Refusal(
        name=row[0], tier=Tier(row[1]), revision=row[2], refused_at=row[3], reasons=_reasons.decode(row[4])
    )  # fmt: skip
