"""Ask a source's own address for a first page of everything, and tell how it went. Nothing of it is recorded."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from modelcensus.core.errors import CensusError, KeyRefused
from modelcensus.core.reading import Split
from modelcensus.operations.asking import Asking
from modelcensus.operations.census import Census, Source
from modelcensus.operations.journal import Journal
from modelcensus.sources.adapter import Call, Gap
from modelcensus.store.readings import live_keys


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """How one document's first page came: ``entities`` in it, ``faults`` not understood, ``more`` pages to follow.

    ``problem`` and ``hint`` where it did not come; ``asked`` is False where nothing was asked.
    """

    document: str
    asked: bool
    seconds: float
    size: int = 0
    entities: int = 0
    faults: int = 0
    more: bool = False
    origin: str = ""
    optional: bool = False
    problem: str | None = None
    hint: str | None = None


def probe(census: Census, source: Source) -> Iterator[Probed]:
    """One page of each document, in order, as each comes; a key that is missing or refused ends it.

    No address but the source's own is asked, as politely as by a sync, and the database is only read.
    """
    for call in source.adapter.calls:
        if source.adapter.needs_key and not source.has_key:
            problem, hint = "it has no key, so nothing was asked", f"set {source.key_setting}"
            yield Probed(document=call.document.category, asked=False, seconds=0, problem=problem, hint=hint)
            return
        done, refused = _probed(census, source, call)
        yield done
        if refused:
            return


def _probed(census: Census, source: Source, call: Call) -> tuple[Probed, bool]:
    """How it went, and whether the key was refused."""
    started = time.monotonic()
    found = Probed(document=call.document.category, asked=True, seconds=0, optional=call.optional)
    body, refused = b"", False
    try:
        origin, body = _first_page(census, source, call)
        found = _counted(found, call.document.split(body), origin) if body else _nothing(found)
    except CensusError as error:
        refused = isinstance(error, KeyRefused)
        hint = f"check {source.key_setting}" if refused and source.key_setting else error.hint
        found = msgspec.structs.replace(found, problem=error.message, hint=hint or None)
    except Exception as error:  # an adapter may be anybody's code; what it says may hold anything
        told = f"the adapter {source.adapter.name} failed: {type(error).__name__}"
        found = msgspec.structs.replace(found, problem=told, hint="this is a defect of the adapter: please report it")
    seconds = round(time.monotonic() - started, 3)
    return msgspec.structs.replace(found, seconds=seconds, size=len(body)), refused


def _first_page(census: Census, source: Source, call: Call) -> tuple[str, bytes]:
    """Where it came from, and the page; empty where there is nothing to ask for yet."""
    journal = Journal(None, "probe", identity="probe", not_before=0, clock=census.clock)

    def one_known(category: str) -> frozenset[str]:
        # A document that is asked for entity by entity is tried with the first one.
        with census.store.reading() as tx:
            return frozenset(sorted(live_keys(tx, source.name, category))[:1])

    asking = Asking(source, journal, tags={}, known=one_known, progress=lambda *_: None)
    with journal, asking as ask:
        page = next(iter(call.fetch(ask)), None)
        if isinstance(page, Gap):
            raise page.problem
        return (page.url, page.body) if page is not None else ("", b"")


def _counted(found: Probed, split: Split, origin: str) -> Probed:
    return msgspec.structs.replace(
        found, entities=len(split.slices), faults=len(split.faults), more=split.more, origin=origin
    )


def _nothing(found: Probed) -> Probed:
    return msgspec.structs.replace(
        found, asked=False, problem="nothing to ask for yet",
        hint="it is asked for each entity that is recorded: sync the source first",
    )  # fmt: skip
