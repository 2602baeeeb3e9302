"""Signatures by Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

A webhook's secret is nowhere stored: it is derived from one master key, the webhook's id and its salt.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

from modelcensus.core.errors import SettingsError, StoreUnwritable
from modelcensus.core.times import from_micros
from modelcensus.settings import WebhookSettings
from modelcensus.store.engine import Store

KEY_FILE = "webhook.key"
SALT_BYTES = 16
_KEY_BYTES = 32
_DOMAIN = b"modelcensus webhook\0"


def master_key(store: Store, settings: WebhookSettings, *, make: bool = False) -> bytes:
    """What all secrets are derived from: the setting, or the file beside the SQLite census.

    ``make``: a file that is not there is made, for its owner's eyes only. Raises ``SettingsError``.
    """
    if settings.signing_key is not None:
        return settings.signing_key.encode()
    if store.file is None:
        raise SettingsError(
            "webhooks need the setting webhooks.signing_key: a census on PostgreSQL has no file beside it for a key",
            "set MODELCENSUS_WEBHOOKS__SIGNING_KEY to a long random text, the same for every server",
        )
    path = store.file.parent / KEY_FILE
    if make and not path.exists():
        _make(path)
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        raise SettingsError(
            f"the file {KEY_FILE} beside the census is gone, and with it the secrets of all webhooks",
            "bring it back from a backup; or delete the webhooks and add them anew",
        ) from None
    except (OSError, ValueError):
        raise SettingsError(
            f"the file {KEY_FILE} beside the census cannot be read", "bring it back from a backup"
        ) from None
    if len(key) < _KEY_BYTES:
        raise SettingsError(f"the file {KEY_FILE} beside the census is no key", "bring it back from a backup")
    return key


def secret_of(key: bytes, webhook_id: str, salt: bytes) -> str:
    """The secret of one webhook, as its receiver wants it."""
    derived = hmac.new(key, _DOMAIN + webhook_id.encode() + b"\0" + salt, hashlib.sha256).digest()
    return "whsec_" + b64encode(derived).decode("ascii")


def signed(secret: str, message_id: str, body: str, now: int) -> dict[str, str]:
    """The headers that let a receiver trust a body sent now (microseconds)."""
    # Imported here: only what sends needs it, and every command would pay for it.
    from standardwebhooks import Webhook

    at = from_micros(now)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now // 1_000_000),
        "webhook-signature": Webhook(secret).sign(message_id, at, body),
    }


def _make(path: Path) -> None:
    """Write a new key whole or not at all, and never over one that another process made meanwhile."""
    draft = path.with_name(f"{KEY_FILE}.{secrets.token_hex(6)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_hex(_KEY_BYTES).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        with suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    except OSError as error:
        raise StoreUnwritable(
            f"the key of webhooks cannot be written beside the census: {error.strerror}",
            "make the folder writable, or set webhooks.signing_key",
        ) from error
