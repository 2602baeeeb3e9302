"""Who is told of changes: webhooks made, listed, changed, taken away. Each act is in the audit log."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.model import AuditEntry
from modelcensus.core.document import document
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.webhook import Delivery, DeliveryState, Filters, Webhook
from modelcensus.operations.catalog.applying import named
from modelcensus.operations.webhooks.signing import SALT_BYTES, master_key, secret_of
from modelcensus.settings import WebhookSettings
from modelcensus.store import webhooks
from modelcensus.store.catalog import audit, revisions
from modelcensus.store.engine import Store

MOST = 100
"""Webhooks that there may be."""
_MOST_REPLAYED = 10_000


class WebhookMade(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook and its secret, which is shown this once."""

    webhook: Webhook
    secret: str


def create(store: Store, settings: WebhookSettings, url: str, filters: Filters, *, actor: str, now: int) -> WebhookMade:
    """Tell an address of changes from now on. Raises ``InvalidInput``, ``SettingsError``."""
    who = named(actor)
    _check_url(url, settings)
    salt = secrets.token_bytes(SALT_BYTES)
    with store.writing() as tx:
        others = webhooks.listed(tx)
        if len(others) >= MOST:
            raise InvalidInput(f"there are {MOST} webhooks already", "delete one that is not used any more")
        key = master_key(store, settings, make=not others)
        made = Webhook(
            id=f"wh_{secrets.token_hex(10)}", url=url, filters=filters, created_by=who, created_at=now,
            reached_revision=revisions.head(tx),
        )  # fmt: skip
        webhooks.add(tx, made, salt)
        _note(tx, now, who, "create webhook", made.id, None, _told(made))
    return WebhookMade(webhook=_shown(made), secret=secret_of(key, made.id, salt))


def listed(store: Store) -> list[Webhook]:
    """All webhooks, oldest first; their addresses without secrets."""
    with store.reading() as tx:
        return [_shown(each) for each in webhooks.listed(tx)]


def shown(store: Store, webhook_id: str) -> Webhook:
    """One webhook; its address without secrets. Raises ``NotFound``."""
    with store.reading() as tx:
        return _shown(_known(tx, webhook_id))


def change(
    store: Store, settings: WebhookSettings, webhook_id: str, *, actor: str, now: int, url: str | None = None,
    filters: Filters | None = None, enabled: bool | None = None,
) -> Webhook:  # fmt: skip
    """Change what is given; one enabled again goes on where it stopped. Raises ``NotFound``, ``InvalidInput``."""
    who = named(actor)
    if url is not None:
        _check_url(url, settings)
    given: dict[str, Any] = {"url": url, "filters": filters, "enabled": enabled}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise InvalidInput("there is nothing to change", f"name one of: {', '.join(given)}")
    with store.writing() as tx:
        before = _known(tx, webhook_id)
        after = msgspec.structs.replace(before, **wanted)
        if after != before:
            webhooks.change(tx, after)
            _note(tx, now, who, "change webhook", webhook_id, _told(before), _told(after))
    return _shown(after)


def rotate(store: Store, settings: WebhookSettings, webhook_id: str, *, actor: str, now: int) -> WebhookMade:
    """Give a webhook another secret; what is sent from now on is signed with it. Raises ``NotFound``."""
    who = named(actor)
    salt = secrets.token_bytes(SALT_BYTES)
    with store.writing() as tx:
        found = _known(tx, webhook_id)
        key = master_key(store, settings)
        webhooks.set_salt(tx, webhook_id, salt)
        _note(tx, now, who, "rotate webhook", webhook_id, None, None)
    return WebhookMade(webhook=_shown(found), secret=secret_of(key, webhook_id, salt))


def delete(store: Store, webhook_id: str, *, actor: str, now: int) -> Webhook:
    """Take a webhook away, with all its deliveries. Raises ``NotFound``."""
    who = named(actor)
    with store.writing() as tx:
        found = _known(tx, webhook_id)
        webhooks.delete(tx, webhook_id)
        _note(tx, now, who, "delete webhook", webhook_id, _told(found), None)
    return _shown(found)


def disable_gone(tx: Connection, webhook: Webhook, now: int) -> None:
    """Send nothing more to a receiver that said it is gone for good."""
    webhooks.change(tx, msgspec.structs.replace(webhook, enabled=False))
    before, after = {"enabled": True}, {"enabled": False}
    _note(tx, now, "modelcensus", "disable webhook", webhook.id, before, after, reason="it answered 410 Gone")


def deliveries(
    store: Store, *, webhook_id: str | None = None, state: DeliveryState | None = None, limit: int = 100
) -> list[Delivery]:
    """Deliveries of all webhooks or of one, newest first. Raises ``NotFound`` for a webhook that there is not."""
    with store.reading() as tx:
        if webhook_id is not None:
            _known(tx, webhook_id)
        return webhooks.deliveries(tx, webhook_id=webhook_id, state=state, limit=limit)


def replay(
    store: Store, *, actor: str, now: int, delivery_id: str | None = None, webhook_id: str | None = None
) -> list[str]:
    """Let one delivery that ended be sent anew, or all dead ones (of a webhook); their ids, oldest first.

    Raises ``NotFound``, and ``InvalidInput`` for one that is still being tried.
    """
    who = named(actor)
    with store.writing() as tx:
        if delivery_id is not None:
            chosen = [_ended(tx, delivery_id, webhook_id)]
        else:
            if webhook_id is not None:
                _known(tx, webhook_id)
            dead = webhooks.deliveries(
                tx, webhook_id=webhook_id, state=DeliveryState.DEAD, limit=_MOST_REPLAYED
            )  # fmt: skip
            chosen = [each.id for each in reversed(dead)]
        webhooks.replay(tx, chosen, now)
        if chosen:
            target = delivery_id or webhook_id or "webhooks"
            _note(tx, now, who, "replay deliveries", target, None, {"deliveries": len(chosen)})
    return chosen


def _ended(tx: Connection, delivery_id: str, webhook_id: str | None) -> str:
    found = webhooks.find_delivery(tx, delivery_id) if "\0" not in delivery_id else None
    if found is None or webhook_id not in (None, found.webhook_id):
        raise NotFound("there is no such delivery", "list them with 'modelcensus webhook deliveries'")
    if found.state is DeliveryState.PENDING:
        raise InvalidInput("this delivery is still being tried", "wait until it was sent or given up")
    return found.id


def _known(tx: Connection, webhook_id: str) -> Webhook:
    found = webhooks.find(tx, webhook_id) if "\0" not in webhook_id else None
    if found is None:
        raise NotFound("there is no such webhook", "list them with 'modelcensus webhook list'")
    return found


def _check_url(url: str, settings: WebhookSettings) -> None:
    # Imported here: the HTTP stack is most of a command's start-up, and only what names an address needs it.
    from modelcensus.sources.http.posting import checked

    checked(url, private=settings.allow_private)


def _shown(webhook: Webhook) -> Webhook:
    from modelcensus.sources.masking import shown_url

    return msgspec.structs.replace(webhook, url=shown_url(webhook.url))


def _told(webhook: Webhook) -> dict[str, Any]:
    """What the audit log says of a webhook: nothing secret."""
    plain = _shown(webhook)
    return {"url": plain.url, "filters": document(plain.filters), "enabled": plain.enabled}


def _note(
    tx: Connection, now: int, who: str, act: str, target: str, before: Any, after: Any, *, reason: str | None = None
) -> None:
    entry = AuditEntry(id=0, at=now, actor=who, act=act, target=target, before=before, after=after, reason=reason)
    audit.append(tx, [entry])
