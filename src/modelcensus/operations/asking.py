"""What an adapter reads its upstream with: the source's client, behind the journal of the reading."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from modelcensus.core.errors import KeyRefused, NotThere, SourceError
from modelcensus.logs.binding import carried
from modelcensus.operations.census import Source
from modelcensus.operations.journal import Journal
from modelcensus.sources.http import Answer, Validators

if TYPE_CHECKING:
    from modelcensus.sources.http import HttpClient

AHEAD = 4
"""Requests under way or done, for each that may run at once: a slow one does not hold up those behind it."""
GIVE_UP = 25
"""So many failures in a row are the upstream's, not the single requests'."""

LAST_WAIT = 1.0
"""Seconds that a reading which ends early waits for the requests under way."""

Waiting = tuple[str | None, "Future[Answer | SourceError] | Answer"]
Tags = Mapping[str, tuple[str | None, str | None]]


class Asking:
    """An ``Ask`` (see ``sources.adapter``) of one source. A context manager; connects when it is first needed.

    ``tags``: validators to ask with, by request. ``sent`` holds those that came back, ``asked`` counts the requests
    that the journal could not answer, ``fresh`` their answers.
    """

    def __init__(
        self,
        source: Source,
        journal: Journal,
        *,
        tags: Tags,
        known: Callable[[str], frozenset[str]],
        progress: Callable[[int, int], None],
    ) -> None:
        self._source = source
        self._journal = journal
        self._tags = tags
        self._known = known
        self._progress = progress
        self._client: HttpClient | None = None
        self._connecting = Lock()
        self._open = ExitStack()
        self.sent: dict[str, tuple[str | None, str | None]] = {}
        self.asked = 0
        self.fresh = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    @property
    def options(self) -> Mapping[str, str]:
        """The source's options, with the adapter's defaults."""
        return self._source.options

    @property
    def query(self) -> Mapping[str, str]:
        """Those of the options that are parameters of the query."""
        own = self._source.adapter.options
        return {each.name: self.options[each.name] for each in own if each.sent and self.options.get(each.name)}

    def known(self, category: str) -> frozenset[str]:
        """Keys of the source's live entities of a category, as recorded."""
        return self._known(category)

    def get(self, url_or_path: str, params: Any = ()) -> Answer:
        """One request, or its answer from the journal. Raises ``SourceError``."""
        asked = self._name(url_or_path, params)
        if kept := self._journal.find(asked):
            return kept
        self.asked += 1
        return self._taken(asked, self._request(asked, url_or_path, params))

    def each(self, paths: Iterable[str]) -> Iterator[Answer | SourceError]:
        """Many requests, some at once, the answers in order. Raises ``SourceError`` where going on is of no use."""
        wanted = list(paths)
        failures = 0
        for done, (asked, result) in enumerate(self._answers(wanted), start=1):
            if isinstance(result, SourceError):
                # That something is not there says nothing of whether the next thing is.
                failures += not isinstance(result, NotThere)
                if isinstance(result, KeyRefused) or failures >= min(GIVE_UP, len(wanted)):
                    raise result
                yield result
            else:
                failures = 0
                yield self._taken(asked, result) if asked else result
            self._progress(done, len(wanted))

    def _answers(self, paths: list[str]) -> Iterator[tuple[str | None, Answer | SourceError]]:
        """(name of the request, or None if its answer was kept; answer) of each path in order."""
        at_once = self._source.concurrency
        waiting: deque[Waiting] = deque()
        pool = ThreadPoolExecutor(at_once)
        try:
            for path in paths:
                asked = self._name(path, ())
                kept = self._journal.find(asked)
                if not kept:
                    self.asked += 1
                waiting.append((None, kept) if kept else (asked, pool.submit(carried(self._tried), asked, path)))
                if len(waiting) >= at_once * AHEAD:
                    yield _result(*waiting.popleft())
            while waiting:
                yield _result(*waiting.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self._keep_the_rest(waiting)

    def _keep_the_rest(self, waiting: Iterable[Waiting]) -> None:
        """Journal what is still to come of a reading that ends early, as far as it comes soon."""
        under_way = {future: asked for asked, future in waiting if isinstance(future, Future) and asked}
        done, late = wait(under_way, timeout=LAST_WAIT)
        for future in done:
            if not future.cancelled() and isinstance(answer := future.result(), Answer):
                self._journal.keep(under_way[future], answer)
        for future in late:
            # The client is closed by then: what a late thread has opened is closed after it.
            future.add_done_callback(lambda _: self._client.close() if self._client else None)

    def _tried(self, asked: str, path: str) -> Answer | SourceError:
        try:
            return self._request(asked, path, ())
        except SourceError as problem:
            return problem

    def _request(self, asked: str, url_or_path: str, params: Any) -> Answer:
        etag, last_modified = self._tags.get(asked, (None, None))
        return self._connected().get(url_or_path, params=params, validators=Validators(etag, last_modified))

    def _taken(self, asked: str, answer: Answer) -> Answer:
        self.fresh += 1
        self.sent[asked] = (answer.validators.etag, answer.validators.last_modified)
        if not answer.not_modified:
            self._journal.keep(asked, answer)
        return answer

    def _connected(self) -> HttpClient:
        with self._connecting:
            if self._client is None:
                self._client = self._open.enter_context(self._source.connect())
            return self._client

    def _name(self, url_or_path: str, params: Any) -> str:
        pairs = params.items() if isinstance(params, Mapping) else params
        query = msgspec.json.encode([[name, value] for name, value in pairs]).decode() if params else ""
        return f"{self._source.base_url} {url_or_path} {query}".rstrip()


def _result(
    asked: str | None, answer: Future[Answer | SourceError] | Answer
) -> tuple[str | None, Answer | SourceError]:
    return asked, answer.result() if isinstance(answer, Future) else answer
