"""The contract that every adapter keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from modelcensus.core.errors import SourceError
from modelcensus.core.reading import Document

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer
    from modelcensus.sources.translators.contract import Translator

EXAMPLES = Path(__file__).parent / "examples"
"""The built-in adapters' examples, one file each."""


class Gap(msgspec.Struct, frozen=True):
    """A part of a reading that could not be read. The rest goes on, and the reading is then incomplete."""

    problem: SourceError


class Ask(Protocol):
    """What an adapter is given to read its upstream with. Everything asked through it can be resumed."""

    @property
    def options(self) -> Mapping[str, str]:
        """The source's options, with the adapter's defaults."""

    @property
    def query(self) -> Mapping[str, str]:
        """Those of the options that are parameters of the query."""

    def get(self, url_or_path: str, params: Any = ()) -> Answer:
        """One polite request below the base URL, or to an absolute URL. Raises ``SourceError``."""

    def each(self, paths: Iterable[str]) -> Iterator[Answer | SourceError]:
        """Many requests, some at once, the answers in the order of ``paths``.

        What fails is given, not raised; a refused key, or nothing but failures in a row, is raised.
        """

    def known(self, category: str) -> frozenset[str]:
        """Keys of the source's live entities of a category, as recorded."""


Fetch = Callable[[Ask], "Iterator[Answer | Gap]"]
"""Yields answers page by page; its normal end is the proof that the last page was reached."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call of an upstream's API: the document that it gives, and how all pages of it are fetched.

    An ``optional`` one is undocumented or of minor use: if it vanishes, the sync of its source is still a good one.
    ``conditional``: whether upstream may answer that nothing has changed (304); not where pages are made of more than
    one answer.
    """

    document: Document
    fetch: Fetch
    optional: bool = False
    conditional: bool = True


class Payload(msgspec.Struct, frozen=True):
    """A payload out of an installed package: its bytes, what it is, and when its data was true (microseconds)."""

    body: bytes
    origin: str
    observed_at: int


class Option(msgspec.Struct, frozen=True):
    """A setting of an adapter's own: ``sources.NAME.options.<name>``.

    One without a default must be set. ``sent``: it is a parameter of the query, unless it is empty.
    """

    name: str
    default: str | None
    help: str
    sent: bool = False


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of upstream is read.

    ``calls`` are made in order; later ones may look at what earlier ones recorded. ``base_url`` None: a source of
    this adapter must set its own. ``key_header`` carries the key (as a Bearer token if it is ``Authorization``).
    ``attribution`` is shown with the data where its terms ask for it. ``offline``, where there is one, gives a
    payload that needs no network. ``example``: a folder with recorded exchanges and the entities they hold, for
    ``modelcensus source test``. ``translator`` says what entities mean for the catalog; the built-in adapters' are in
    ``sources.translators``. ``version`` is raised when the code splits pages differently than before.
    """

    name: str
    title: str
    base_url: str | None
    calls: tuple[Call, ...]
    version: int = 1
    needs_key: bool = False
    key_header: str | None = None
    headers: Mapping[str, str] = {}
    options: tuple[Option, ...] = ()
    concurrency: int | None = None
    requests_per_second: float | None = None
    attribution: str | None = None
    documentation: str | None = None
    offline: Callable[[], Payload] | None = None
    example: Path | None = None
    translator: Translator | None = None

    @property
    def own_source(self) -> bool:
        """Whether there is a source of the adapter's name without any setting."""
        return self.base_url is not None and all(option.default is not None for option in self.options)

    @property
    def defaults(self) -> dict[str, str]:
        """The options that have a default."""
        return {option.name: option.default for option in self.options if option.default is not None}

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents of its calls, in order."""
        return tuple(call.document for call in self.calls)

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category that it covers, in the order of its calls."""
        return tuple(category for call in self.calls for category in call.document.covers)

    def call(self, category: str | None) -> Call:
        """The call whose document covers a category, or the first. Raises ``StopIteration``."""
        if category is None:
            return self.calls[0]
        return next(call for call in self.calls if category in call.document.covers)

    def document(self, category: str | None) -> Document:
        """The document that covers a category, or the first. Raises ``StopIteration``."""
        return self.call(category).document

    def reader(self, document: Document) -> str:
        """Name of what takes payloads apart, e.g. ``openrouter/model@1``."""
        return f"{self.name}/{document.category}@{self.version}"
