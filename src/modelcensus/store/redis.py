"""Bytes by key in a Redis or Valkey."""

from __future__ import annotations

from typing import Any

from modelcensus.core.errors import SettingsError, StoreError, StoreUnreachable


class Redis:
    """Keeps bytes for a while; safe to use from several threads. Raises ``SettingsError`` for an unusable URL."""

    def __init__(self, url: str, *, seconds: float) -> None:
        # Imported here: only whoever has a Redis pays for its client.
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._broken = redis.RedisError
        try:
            self._client: Any = redis.Redis.from_url(
                url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0),
            )  # fmt: skip
        except ValueError:
            raise SettingsError(
                "the setting cache.redis_url is no address of a Redis", "write redis://host:6379/0"
            ) from None

    def get(self, key: str) -> bytes | None:
        """What is kept under a key. Raises ``StoreError``."""
        try:
            found = self._client.get(key)
        except (self._broken, OSError) as error:
            raise self._told(error) from None
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for so many seconds. Raises ``StoreError``."""
        try:
            self._client.set(key, value, ex=seconds)
        except (self._broken, OSError) as error:
            raise self._told(error) from None

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _told(self, error: Exception) -> StoreError:
        return StoreUnreachable(f"Redis does not answer: {type(error).__name__}", "check cache.redis_url")
