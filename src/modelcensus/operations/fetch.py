"""Fetch: all pages of one document of a source, resumed where the last try was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import msgspec

from modelcensus.core.errors import CensusError, Refused, SourceError
from modelcensus.operations.asking import Asking, Tags
from modelcensus.operations.census import Census, Progress, Source
from modelcensus.operations.journal import Journal
from modelcensus.operations.spool import Spool
from modelcensus.sources.adapter import Call, Gap
from modelcensus.store.readings import live_keys


class Known(msgspec.Struct, frozen=True):
    """What the store has of a document: (time, payload hash) of its latest reading if whole, with the validators that
    came with it, and the id of its last good sync."""

    last: tuple[int, bytes] | None
    tags: Tags
    good: int | None


class Fetched(msgspec.Struct):
    """How the fetching went. ``recorded`` is to be called once the pages are in the store."""

    recorded: Callable[[], None]
    tags: dict[str, tuple[str | None, str | None]] = {}
    origin: str = ""
    not_modified: bool = False
    problem: SourceError | None = None
    ended: bool = False


@contextmanager
def fetch(
    census: Census, source: Source, call: Call, known: Known, spool: Spool, *, afresh: bool, progress: Progress
) -> Iterator[Fetched]:
    """Put every page on the spool. Trouble on the way is in ``problem``; what came before it is on the spool.

    The journal is forgotten once the reading is recorded and had come to its end; after an interruption it stays for
    the next try, for as long as the census says.
    """
    adapter = source.adapter
    options = sorted(source.options.items())
    journal = Journal(
        census.journals,
        f"{source.name} {call.document.category}",
        identity=f"{adapter.reader(call.document)} {source.base_url} {options} after {known.good}",
        not_before=census.clock() - census.resume_microseconds,
        clock=census.clock,
    )
    with journal:
        if afresh:
            journal.discard()
        fetched = Fetched(recorded=lambda: None)
        _run(census, source, call, known, spool, journal, fetched, progress)
        fetched.recorded = journal.discard if fetched.ended else lambda: None
        yield fetched


def _run(
    census: Census,
    source: Source,
    call: Call,
    known: Known,
    spool: Spool,
    journal: Journal,
    fetched: Fetched,
    progress: Progress,
) -> None:
    resumed = journal.resumed
    what = f"{source.name} {call.document.category}"
    tags = {} if resumed else known.tags
    keys = partial(_live_keys, census, source)
    with Asking(source, journal, tags=tags, known=keys, progress=partial(progress, what)) as ask:
        try:
            _pages(ask, call, spool, fetched, partial(progress, what))
            fetched.ended = True
        except SourceError as problem:
            fetched.problem = problem
        except CensusError:
            raise
        except Exception as error:  # an adapter may be anybody's code; its trouble is its source's alone
            fetched.problem = _broken_adapter(source, error)
    if resumed and fetched.problem and (not ask.asked or (isinstance(fetched.problem, Refused) and not ask.fresh)):
        # Upstream does not know the place any more at which the last try stopped, or what was kept leads nowhere.
        journal.discard()
        spool.clear()
        fetched.problem = None
        _run(census, source, call, known, spool, journal, fetched, progress)
        return
    # A 304 may leave out its validators: those we asked with are still the ones.
    again = fetched.not_modified
    fetched.tags = {
        url: sent if sent != (None, None) or not again else tags.get(url, sent) for url, sent in ask.sent.items()
    }


def _pages(
    ask: Asking, call: Call, spool: Spool, fetched: Fetched, progress: Callable[[int, int | None], None]
) -> None:
    for page in call.fetch(ask):
        if isinstance(page, Gap):
            fetched.problem = fetched.problem or page.problem
            continue
        fetched.origin = fetched.origin or page.url
        if page.not_modified:
            fetched.not_modified = True
            return
        spool.add(page.body)
        progress(len(spool), None)


def _live_keys(census: Census, source: Source, category: str) -> frozenset[str]:
    with census.store.reading() as tx:
        return live_keys(tx, source.name, category)


def _broken_adapter(source: Source, error: Exception) -> SourceError:
    return SourceError(
        f"the adapter {source.adapter.name} failed: {type(error).__name__}",
        f"this is a defect of the adapter: try 'modelcensus source test {source.adapter.name}' and report it",
    )
