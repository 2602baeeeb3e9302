"""The contract that every adapter keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.reading import Document

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

Get = Callable[..., "Answer"]
"""``get(path_or_url, params=...)``: one polite request; see ``HttpClient.get``. Raises ``SourceError``."""


class Payload(msgspec.Struct, frozen=True):
    """A payload out of an installed package: its bytes, what it is, and when its data was true (microseconds)."""

    body: bytes
    origin: str
    observed_at: int


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of upstream is read.

    ``fetch`` yields answers page by page; its normal end is the proof that the last page was reached. ``documents``
    says what the answers contain; the first is the one a sync reads. ``offline``, where there is one, gives a
    payload that needs no network. ``version`` is raised when the code splits pages differently than before.
    """

    name: str
    title: str
    base_url: str
    documents: tuple[Document, ...]
    fetch: Callable[[Get, Mapping[str, str]], Iterator[Answer]]
    version: int = 1
    needs_key: bool = False
    key_header: str | None = None
    offline: Callable[[], Payload] | None = None

    def document(self, category: str | None) -> Document:
        """The document that covers a category, or the first. Raises ``KeyError``."""
        if category is None:
            return self.documents[0]
        return next(document for document in self.documents if category in document.covers)

    def reader(self, document: Document) -> str:
        """Name of what takes payloads apart, e.g. ``openrouter/model@1``."""
        return f"{self.name}/{document.category}@{self.version}"
