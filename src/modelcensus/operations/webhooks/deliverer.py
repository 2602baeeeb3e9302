"""The deliverer: a thread that brings changes to webhooks as long as the server runs, or once on the command line."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock, Thread

import msgspec

from modelcensus.core.errors import CensusError
from modelcensus.core.webhook import DeliveryState
from modelcensus.operations.census import Census
from modelcensus.operations.webhooks.outbox import claimed, fill
from modelcensus.operations.webhooks.sending import send
from modelcensus.operations.webhooks.signing import master_key
from modelcensus.settings import AccessSettings, WebhookSettings
from modelcensus.store import webhooks
from modelcensus.store.webhooks import Letter

SENDERS = 8
"""Deliveries under way at once, each to another webhook."""
_POLL_SECONDS = 1.0
_GRACE_SECONDS = 5.0
_SPARE_SECONDS = 30.0
"""A claim outlasts the longest attempt by so much."""
_log = logging.getLogger("modelcensus.webhooks")


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What a round of delivering did: attempts that were taken, that will be tried again, and that were given up."""

    sent: int = 0
    pending: int = 0
    dead: int = 0


class Deliverer:
    """Sends what is due. Several may run on one census: each delivery is claimed by one of them."""

    def __init__(self, census: Census, access: AccessSettings, settings: WebhookSettings) -> None:
        self._census = census
        self._access = access
        self._settings = settings
        self._lock = Lock()
        self._stopping = Event()
        self._wake = Event()
        self._busy: dict[str, Future[None]] = {}
        self._counts = dict.fromkeys(DeliveryState, 0)
        self._thread: Thread | None = None
        self._last_trouble = ""

    def start(self) -> None:
        """Begin to deliver in the background, until ``stop``."""
        self._stopping.clear()
        self._thread = Thread(target=self._run, name="webhook deliverer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; attempts that are under way may finish. What is left is due again later, here or elsewhere."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_GRACE_SECONDS)
            self._thread = None

    def once(self) -> Delivered:
        """Send what is due now, all of it, and return. Raises ``CensusError`` where there can be no deliveries."""
        with ThreadPoolExecutor(SENDERS) as pool:
            while self._round(pool) or self._busy:
                self._wake.wait()
                self._wake.clear()
        return Delivered(**{state.value: count for state, count in self._counts.items()})

    def _run(self) -> None:
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="webhook") as pool:
            while not self._stopping.is_set():
                try:
                    self._round(pool)
                    self._last_trouble = ""
                except Exception as error:
                    # Whatever it is, the thread must live: tomorrow's changes are to be told as well.
                    self._complain(error)
                self._wake.wait(_POLL_SECONDS)
                self._wake.clear()

    def _round(self, pool: ThreadPoolExecutor) -> int:
        """Make and claim what is due and hand it to the senders; how many that are."""
        with self._census.store.reading() as tx:
            if not webhooks.listed(tx):
                return 0
        # Before anything is claimed: without a key nothing can be sent, and no attempt is lost.
        key = master_key(self._census.store, self._settings)
        fill(self._census, self._access)
        with self._lock:
            busy = frozenset(self._busy)
        seconds = self._settings.timeout_seconds + _SPARE_SECONDS
        letters = claimed(self._census, busy=busy, room=SENDERS - len(busy), seconds=seconds)
        for letter in letters:
            with self._lock:
                self._busy[letter.webhook.id] = pool.submit(self._send, letter, key)
        return len(letters)

    def _send(self, letter: Letter, key: bytes) -> None:
        try:
            state = send(self._census, self._settings, letter, key)
            with self._lock:
                self._counts[state] += 1
        except Exception as error:
            # The claim runs out, and it is tried again then.
            self._complain(error)
        finally:
            with self._lock:
                del self._busy[letter.webhook.id]
            self._wake.set()

    def _complain(self, error: Exception) -> None:
        if isinstance(error, CensusError):
            if str(error) != self._last_trouble:
                self._last_trouble = str(error)
                _log.warning("webhooks: %s", error)
        else:
            _log.error("webhooks: an error that should not be", exc_info=error)
