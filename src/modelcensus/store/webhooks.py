"""Webhooks and their deliveries: an outbox, of which each row is claimed for a while by whoever sends it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.document import encode
from modelcensus.core.webhook import Delivery, DeliveryState, Filters, Webhook

_WEBHOOK = "id, url, filters, created_by, created_at, enabled, reached_revision"
_DELIVERY = "id, webhook_id, revision, state, attempts, created_at, next_at, ended_at, last_status, last_error"
_filters = msgspec.json.Decoder(Filters)


class Letter(msgspec.Struct, frozen=True):
    """A delivery that was claimed, with all that sending it takes. ``claim`` is the time until which it is ours."""

    delivery: Delivery
    webhook: Webhook
    salt: bytes
    payload: str
    claim: int


def add(tx: Connection, webhook: Webhook, salt: bytes) -> None:
    """Write a new webhook."""
    sql = f"""INSERT INTO webhook ({_WEBHOOK}, salt)
    VALUES (:id, :url, :filters, :created_by, :created_at, :enabled, :reached_revision, :salt)"""
    tx.execute(text(sql), {**_row(webhook), "salt": salt})


def find(tx: Connection, webhook_id: str) -> Webhook | None:
    """One webhook."""
    row = tx.execute(text(f"SELECT {_WEBHOOK} FROM webhook WHERE id = :id"), {"id": webhook_id}).first()
    return _webhook(row) if row else None


def listed(tx: Connection) -> list[Webhook]:
    """All of them, oldest first."""
    return [_webhook(row) for row in tx.execute(text(f"SELECT {_WEBHOOK} FROM webhook ORDER BY created_at, id"))]


def salt_of(tx: Connection, webhook_id: str) -> bytes:
    """The salt that a webhook's secret is derived with."""
    return bytes(tx.execute(text("SELECT salt FROM webhook WHERE id = :id"), {"id": webhook_id}).scalar_one())


def change(tx: Connection, webhook: Webhook) -> None:
    """Write what people may change of a webhook."""
    sql = "UPDATE webhook SET url = :url, filters = :filters, enabled = :enabled WHERE id = :id"
    row = _row(webhook)
    tx.execute(text(sql), {name: row[name] for name in ("id", "url", "filters", "enabled")})


def set_salt(tx: Connection, webhook_id: str, salt: bytes) -> None:
    """Give a webhook another secret."""
    tx.execute(text("UPDATE webhook SET salt = :salt WHERE id = :id"), {"id": webhook_id, "salt": salt})


def delete(tx: Connection, webhook_id: str) -> None:
    """Take a webhook away, with its deliveries."""
    tx.execute(text("DELETE FROM webhook WHERE id = :id"), {"id": webhook_id})


def reach(tx: Connection, webhook: Webhook, revision: int) -> bool:
    """Note that its deliveries are made up to a revision; False where somebody else did meanwhile."""
    sql = """UPDATE webhook SET reached_revision = :revision
    WHERE id = :id AND reached_revision = :before AND enabled = 1"""
    values = {"id": webhook.id, "before": webhook.reached_revision, "revision": revision}
    return bool(tx.execute(text(sql), values).rowcount)


def behind(tx: Connection) -> list[Webhook]:
    """Enabled webhooks of which deliveries are still to be made."""
    sql = f"""SELECT {_WEBHOOK} FROM webhook WHERE enabled = 1
    AND reached_revision < (SELECT coalesce(max(number), 0) FROM revision) ORDER BY created_at, id"""
    return [_webhook(row) for row in tx.execute(text(sql))]


def queue(tx: Connection, webhook_id: str, revision: int, bodies: Sequence[bytes], now: int) -> None:
    """Put the payloads of one revision into the outbox: under ids of their own, which are the same every time."""
    rows = [
        {"id": f"msg_{webhook_id.removeprefix('wh_')}_{revision}_{number}", "webhook": webhook_id,
         "revision": revision, "payload": body.decode(), "now": now}
        for number, body in enumerate(bodies, 1)
    ]  # fmt: skip
    sql = """INSERT INTO delivery (id, webhook_id, revision, payload, state, attempts, created_at, next_at)
    VALUES (:id, :webhook, :revision, :payload, 'pending', 0, :now, :now) ON CONFLICT DO NOTHING"""
    if rows:
        tx.execute(text(sql), rows)


_DUE = """SELECT id, webhook_id FROM (
    SELECT d.id AS id, d.webhook_id AS webhook_id, d.next_at AS next_at,
    row_number() OVER (PARTITION BY d.webhook_id ORDER BY d.revision, d.next_at, d.id) AS place
    FROM delivery d JOIN webhook w ON w.id = d.webhook_id
    WHERE d.state = 'pending' AND d.next_at <= :now AND w.enabled = 1
) AS waiting WHERE place = 1 ORDER BY next_at, id"""


def due(tx: Connection, now: int) -> list[tuple[str, str]]:
    """(delivery, webhook) of what may be sent now: of each webhook the first by revision."""
    rows = tx.execute(text(_DUE), {"now": now})
    return [(row[0], row[1]) for row in rows]


def claim(tx: Connection, delivery_id: str, now: int, until: int) -> Letter | None:
    """Take a delivery that is due, so that nobody else sends it before ``until``; None where somebody else was first.

    It counts as an attempt from now on, so that one that ends the program is not tried for ever.
    """
    sql = """UPDATE delivery SET next_at = :until, attempts = attempts + 1
    WHERE id = :id AND state = 'pending' AND next_at <= :now"""
    if not tx.execute(text(sql), {"id": delivery_id, "now": now, "until": until}).rowcount:
        return None
    row = tx.execute(text(f"SELECT {_DELIVERY}, payload FROM delivery WHERE id = :id"), {"id": delivery_id}).one()
    delivery = _delivery(row)
    webhook = find(tx, delivery.webhook_id)
    return Letter(delivery, webhook, salt_of(tx, webhook.id), row[-1], until) if webhook else None


def settle(
    tx: Connection, letter: Letter, state: DeliveryState, now: int, *, next_at: int, status: int | None,
    error: str | None,
) -> bool:  # fmt: skip
    """Write what became of an attempt; False where the claim had run out and somebody else has it by now."""
    sql = """UPDATE delivery SET state = :state, next_at = :next_at, ended_at = :ended_at, last_status = :status,
    last_error = :error WHERE id = :id AND state = 'pending' AND next_at = :claim"""
    values = {
        "id": letter.delivery.id, "claim": letter.claim, "state": state.value, "next_at": next_at,
        "ended_at": None if state is DeliveryState.PENDING else now, "status": status, "error": error,
    }  # fmt: skip
    return bool(tx.execute(text(sql), values).rowcount)


def deliveries(
    tx: Connection, *, webhook_id: str | None = None, state: DeliveryState | None = None, limit: int = 100
) -> list[Delivery]:
    """Deliveries, newest first."""
    asked = {"webhook_id": webhook_id, "state": state.value if state else None}
    given = {name: value for name, value in asked.items() if value is not None}
    where = f"WHERE {' AND '.join(f'{name} = :{name}' for name in given)}" if given else ""
    sql = f"SELECT {_DELIVERY} FROM delivery {where} ORDER BY created_at DESC, revision DESC, id DESC LIMIT :limit"
    return [_delivery(row) for row in tx.execute(text(sql), {**given, "limit": limit})]


def find_delivery(tx: Connection, delivery_id: str) -> Delivery | None:
    """One delivery."""
    row = tx.execute(text(f"SELECT {_DELIVERY} FROM delivery WHERE id = :id"), {"id": delivery_id}).first()
    return _delivery(row) if row else None


def replay(tx: Connection, delivery_ids: Iterable[str], now: int) -> None:
    """Let deliveries that ended be sent anew, with all their attempts before them."""
    sql = """UPDATE delivery SET state = 'pending', attempts = 0, next_at = :now, ended_at = NULL
    WHERE id = :id AND state <> 'pending'"""
    rows = [{"id": each, "now": now} for each in delivery_ids]
    if rows:
        tx.execute(text(sql), rows)


def forget(tx: Connection, before: int) -> None:
    """Take away what was sent before a time."""
    tx.execute(text("DELETE FROM delivery WHERE state = 'sent' AND ended_at < :before"), {"before": before})


def _row(webhook: Webhook) -> dict[str, Any]:
    row = msgspec.structs.asdict(webhook)
    return {**row, "filters": encode(webhook.filters).decode(), "enabled": int(webhook.enabled)}


def _webhook(row: Any) -> Webhook:
    return Webhook(
        id=row[0], url=row[1], filters=_filters.decode(row[2]), created_by=row[3], created_at=row[4],
        enabled=bool(row[5]), reached_revision=row[6],
    )  # fmt: skip


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row[0], webhook_id=row[1], revision=row[2], state=DeliveryState(row[3]), attempts=row[4], created_at=row[5],
        next_at=row[6], ended_at=row[7], last_status=row[8], last_error=row[9],
    )  # fmt: skip
