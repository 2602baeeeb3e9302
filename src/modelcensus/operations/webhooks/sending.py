"""One attempt at one delivery, and what becomes of it."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable

import msgspec

from modelcensus.core.catalog.model import AuditEntry
from modelcensus.core.errors import CensusError, InvalidInput, NotFound, SourceError
from modelcensus.core.times import from_micros
from modelcensus.core.webhook import DeliveryState, pause_seconds, payload_of_test
from modelcensus.operations.catalog.applying import named
from modelcensus.operations.census import Census
from modelcensus.operations.webhooks.registering import disable_gone
from modelcensus.operations.webhooks.signing import master_key, secret_of, signed
from modelcensus.settings import WebhookSettings
from modelcensus.sources.masking import masked
from modelcensus.store import webhooks
from modelcensus.store.catalog import audit
from modelcensus.store.webhooks import Letter

GONE = 410
_LONGEST_ERROR = 500
_MICRO = 1_000_000


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt met: the receiver's status and the beginning of its text, or why there is none.

    ``asked_seconds``: it wants to be left alone for so long.
    """

    ok: bool
    status: int | None = None
    text: str | None = None
    asked_seconds: float | None = None


class WebhookTested(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver answered to a test: whether it took it, its status, and the beginning of its text or the error.

    ``id`` is the ``webhook-id`` that was sent.
    """

    id: str
    ok: bool
    status: int | None = None
    text: str | None = None


def send(census: Census, settings: WebhookSettings, letter: Letter, key: bytes,
         chance: Callable[[], float] = random.random) -> DeliveryState:  # fmt: skip
    """Send what was claimed, once, and write what became of it: sent, pending until later, or dead."""
    webhook, delivery = letter.webhook, letter.delivery
    secret = secret_of(key, webhook.id, letter.salt)
    answered = _attempt(census, settings, webhook.url, secret, delivery.id, letter.payload)
    now = census.clock()
    if answered.ok:
        state, wait = DeliveryState.SENT, 0.0
    elif answered.status == GONE or delivery.attempts >= settings.attempts:
        state, wait = DeliveryState.DEAD, 0.0
    else:
        state = DeliveryState.PENDING
        wait = pause_seconds(delivery.attempts, settings.retry_seconds, chance(), answered.asked_seconds)
    error = None if answered.ok else _told(answered)
    with census.store.writing() as tx:
        settled = webhooks.settle(
            tx, letter, state, now, next_at=now + int(wait * _MICRO), status=answered.status, error=error
        )
        if settled and answered.status == GONE and (current := webhooks.find(tx, webhook.id)) and current.enabled:
            disable_gone(tx, current, now)
    return state


def try_now(census: Census, settings: WebhookSettings, webhook_id: str, *, actor: str) -> WebhookTested:
    """Send a ``webhook.test`` at once, whether or not the webhook is enabled; what was answered.

    Raises ``NotFound``, ``SettingsError``.
    """
    who, now = named(actor), census.clock()
    with census.store.reading() as tx:
        found = webhooks.find(tx, webhook_id) if "\0" not in webhook_id else None
        salt = webhooks.salt_of(tx, webhook_id) if found else b""
    if found is None:
        raise NotFound("there is no such webhook", "list them with 'modelcensus webhook list'")
    secret = secret_of(master_key(census.store, settings), found.id, salt)
    message = f"msg_test_{secrets.token_hex(10)}"
    answered = _attempt(census, settings, found.url, secret, message, payload_of_test(found, now).decode())
    with census.store.writing() as tx:
        after = {"ok": answered.ok, "status": answered.status}
        audit.append(tx, [AuditEntry(id=0, at=now, actor=who, act="test webhook", target=found.id, after=after)])
    return WebhookTested(id=message, ok=answered.ok, status=answered.status, text=answered.text)


def _attempt(census: Census, settings: WebhookSettings, address: str, secret: str, message: str, body: str) -> Answered:
    # Imported here: the HTTP stack is slow to load, and commands that send nothing do without it.
    from modelcensus.sources.http.posting import checked, post

    now = census.clock()
    try:
        url = checked(address, private=settings.allow_private)
        posted = post(
            url, body.encode(), signed(secret, message, body, now), seconds=settings.timeout_seconds,
            now=from_micros(now).timestamp(), private=settings.allow_private,
        )  # fmt: skip
    except (SourceError, InvalidInput) as error:
        return Answered(ok=False, text=_clean(_line(error), address, secret))
    return Answered(
        ok=200 <= posted.status < 300, status=posted.status, asked_seconds=posted.retry_after,
        text=_clean(posted.text, address, secret) or None,
    )  # fmt: skip


def _line(error: CensusError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _clean(text: str, address: str, secret: str) -> str:
    """Text for the log, without the secret and the address's own secrets where a receiver repeats them."""
    query = address.partition("?")[2]
    values = [pair.partition("=")[2] for pair in query.split("&")]
    userinfo = address.partition("://")[2].partition("/")[0].rpartition("@")[0]
    return masked(text, [secret, *values, *userinfo.split(":")])[:_LONGEST_ERROR]


def _told(answered: Answered) -> str:
    status = f"it answered {answered.status}" if answered.status else ""
    return ": ".join(part for part in (status, answered.text) if part)[:_LONGEST_ERROR]
