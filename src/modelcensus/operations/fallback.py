"""Fall back: what an empty catalog answers with, so that whoever asks on the first day gets a list all the same."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from datetime import UTC, datetime
from threading import Lock

import msgspec

from modelcensus.core import canonical
from modelcensus.core.canonical import Malformed
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.listing import Listing, Offering, Snapshot, Untranslatable
from modelcensus.core.errors import CensusError, SourceError
from modelcensus.core.reading import key_problem, understand
from modelcensus.operations.asking import Asking
from modelcensus.operations.catalog.editions import edition_from
from modelcensus.operations.catalog.translating import aids_of, meaning
from modelcensus.operations.census import Census, Source
from modelcensus.operations.journal import Journal
from modelcensus.operations.record import taken_apart
from modelcensus.settings import ApiSettings
from modelcensus.sources.adapter import Gap
from modelcensus.sources.translators.registry import translator_of

_log = logging.getLogger("modelcensus.fallback")
_SOURCE = "openrouter"
_CATEGORY = "model"
_LASTS = 600_000_000
_PAUSE = 60_000_000
_PATIENCE = 10.0


class _Said(msgspec.Struct, frozen=True):
    """What a live reading said, and when it was made."""

    at: int
    listings: list[Listing]
    offerings: list[Offering]


class Fallback:
    """Makes the edition that stands in for an empty one; safe to use from several threads.

    First a live reading of the source ``openrouter``, which is not recorded (kept 10 minutes; after a failure none is
    tried for one), then the names of the setting ``api.models_list``. One reading is under way at a time, and nobody
    waits for it longer than ``patience`` seconds.
    """

    def __init__(self, census: Census, settings: ApiSettings, *, patience: float = _PATIENCE) -> None:
        self._census = census
        self._settings = settings
        self._patience = patience
        self._lock = Lock()
        self._reader = ThreadPoolExecutor(1, "fallback")
        self._reading: Future[_Said] | None = None
        self._not_before = 0

    def edition(self, empty: Edition) -> Edition:
        """The edition to answer with; ``empty`` itself where there is nothing else."""
        now = self._census.clock()
        said = self._live(now)
        if said is not None and said.listings:
            return edition_from(
                self._census, said.listings, said.offerings, empty, at=said.at, until=said.at + _LASTS, fallback="live"
            )
        listed = list(self._listed(now))
        until = now + _PAUSE if self._settings.live else None
        if not listed:
            return msgspec.structs.replace(empty, until=until)
        return edition_from(self._census, listed, [], empty, at=now, until=until or now + _LASTS, fallback="list")

    def _live(self, now: int) -> _Said | None:
        source = self._census.sources.get(_SOURCE)
        if not self._settings.live or source is None or not source.ready or now < self._not_before:
            return None
        with self._lock:
            if self._reading is None or _is_old(self._reading, now):
                self._reading = self._reader.submit(self._read, source)
            reading = self._reading
        try:
            return reading.result(self._patience)
        except TooLate:
            # It goes on by itself: whoever asks after the pause finds it done.
            self._not_before = now + _PAUSE
            return None
        except CensusError as error:
            self._not_before = now + _PAUSE
            _log.warning("the catalog is empty, and there is no live answer: %s", error)
        finally:
            if reading.done():
                with self._lock:
                    self._reading = None
        return None

    def _read(self, source: Source) -> _Said:
        """One reading, not recorded. Raises ``CensusError``."""
        census, translator = self._census, translator_of(source.adapter)
        call = source.adapter.call(_CATEGORY)
        now = census.clock()
        said = _Said(now, [], [])
        aids = aids_of(census, datetime.fromtimestamp(now / 1_000_000, UTC).date())
        for category, key, raw in _slices(census, source):
            try:
                understood = understand(raw, call.document.volatile.get(category, ()))
                snapshot = Snapshot(
                    source=source.name, category=category, key=key, sha256=understood.hash.hex(), observed_at=now,
                    data=canonical.decode(understood.data),
                )  # fmt: skip
                translated = meaning(snapshot, translator, aids) if translator else None
            except (Malformed, Untranslatable):
                continue
            if translated is not None and translated.listing is not None and translated.listing.excluded is None:
                said.listings.append(translated.listing)
                said.offerings.extend(translated.offerings)
        return said

    def _listed(self, now: int) -> Iterator[Listing]:
        names = (each.strip() for each in (self._settings.models_list or "").split(","))
        for name in dict.fromkeys(names):
            if name and key_problem(name) is None:
                yield Listing(
                    source=_SOURCE, category=_CATEGORY, key=name, sha256="0" * 64, observed_at=now, name=name,
                    provider=name.partition("/")[0] if "/" in name else None,
                )  # fmt: skip


def _is_old(reading: Future[_Said], now: int) -> bool:
    """Whether a reading that came too late for whoever asked for it has waited too long for the next one."""
    return reading.done() and reading.exception() is None and reading.result().at + _LASTS <= now


def _slices(census: Census, source: Source) -> Iterator[tuple[str, str, bytes]]:
    """(category, key, raw text) of each entity of the first call. Raises ``SourceError``."""
    call = source.adapter.call(_CATEGORY)
    journal = Journal(None, "", identity="", not_before=0, clock=census.clock)
    with journal, Asking(
        source, journal, tags={}, known=lambda _: frozenset(), progress=lambda _done, _total: None
    ) as ask:  # fmt: skip
        for page in call.fetch(ask):
            if isinstance(page, Gap):
                raise page.problem
            for split in taken_apart(call.document, [page.body]):
                if split.truncated or (split.faults and not split.slices):
                    raise SourceError("the live answer has not the shape of a catalog", "try again later")
                for each in split.slices:
                    yield each.category, each.key, bytes(each.raw)
