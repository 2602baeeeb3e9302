"""Keep: bytes in a place that all processes share, where the settings name one. It never fails whoever uses it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from modelcensus.core.errors import CensusError, SettingsError
from modelcensus.settings import CacheSettings

_log = logging.getLogger("modelcensus.cache")
_SECONDS = 0.5
_PAUSE = 5.0
_SILENCE = 60.0


class Place(Protocol):
    """Where bytes are kept by key."""

    def get(self, key: str) -> bytes | None:
        """What is kept under a key. Raises ``CensusError``."""

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for so many seconds. Raises ``CensusError``."""

    def close(self) -> None:
        """Let go of it."""


class Keeper:
    """A place whose failures are told once a minute and otherwise look as if nothing were kept.

    After a failure the place is left alone for a few seconds, so that requests do not wait for it one after another.
    """

    def __init__(self, place: Place, ticks: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._ticks = ticks
        self._lock = Lock()
        self._resting_until = 0.0
        self._silent_until = 0.0

    def get(self, key: str) -> bytes | None:
        """What is kept under a key, as far as can be told."""
        if self._ticks() < self._resting_until:
            return None
        try:
            return self._place.get(key)
        except CensusError as error:
            self._failed(error)
            return None

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for so many seconds, if it can be done."""
        if self._ticks() < self._resting_until:
            return
        try:
            self._place.put(key, value, seconds)
        except CensusError as error:
            self._failed(error)

    def close(self) -> None:
        """Let go of the place."""
        self._place.close()

    def _failed(self, error: CensusError) -> None:
        with self._lock:
            now = self._ticks()
            self._resting_until = now + _PAUSE
            silent = now < self._silent_until
            if not silent:
                self._silent_until = now + _SILENCE
        if not silent:
            _log.warning("ready answers are not shared: %s", error)


def keeper_of(settings: CacheSettings) -> Keeper | None:
    """The keeper that the settings name: Redis, else Upstash, else none. Raises ``SettingsError``."""
    # Imported here: both are parts that few use, and their clients take a while to load.
    if settings.redis_url:
        from modelcensus.store.redis import Redis

        return Keeper(Redis(settings.redis_url, seconds=_SECONDS))
    if settings.upstash_url:
        from modelcensus.sources.http.upstash import Upstash

        if not settings.upstash_token:
            raise SettingsError("cache.upstash_url is set without cache.upstash_token", "set both, or none")
        return Keeper(Upstash(settings.upstash_url, settings.upstash_token, seconds=_SECONDS * 2))
    return None
