"""Watch an adapter at work: its code is anybody's, and what it raises must not be lost in a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.errors import SourceError
from modelcensus.core.reading import Document, Split
from modelcensus.operations.trial.verdicts import Flaw
from modelcensus.sources.adapter import Adapter, Ask, Call, Gap

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


class Interruption(BaseException):
    """The program is stopped in the middle of a reading, as by a person or a power cut."""


class Watch:
    """An adapter that tells what it does.

    ``crashes``: what its code raised besides ``SourceError``; ``begun``: the numbers of the calls in the order in
    which they were begun; ``stop_after``: interrupt the fetch of (call, so many pages).
    """

    def __init__(self, adapter: Adapter) -> None:
        calls = tuple(self._watched(number, call) for number, call in enumerate(adapter.calls))
        self.adapter = msgspec.structs.replace(adapter, calls=calls)
        self.crashes: list[str] = []
        self.begun: list[int] = []
        self.stop_after: tuple[int, int] | None = None

    def tell(self) -> None:
        """Raise ``Flaw`` if the adapter's code failed."""
        if self.crashes:
            raise Flaw(
                self.crashes[0], "an adapter raises SourceError, and its split raises nothing", tuple(self.crashes[1:])
            )

    def _watched(self, number: int, call: Call) -> Call:
        def fetch(ask: Ask) -> Iterator[Answer | Gap]:
            self.begun.append(number)
            try:
                for pages, page in enumerate(call.fetch(ask), start=1):
                    yield page
                    if self.stop_after == (number, pages):
                        raise Interruption
            except SourceError:
                raise
            except Exception as error:
                self._note("fetch", call.document, error)
                raise

        def split(body: bytes) -> Split:
            try:
                return call.document.split(body)
            except Exception as error:
                self._note("split", call.document, error)
                raise

        document = msgspec.structs.replace(call.document, split=split)
        return msgspec.structs.replace(call, document=document, fetch=fetch)

    def _note(self, what: str, document: Document, error: Exception) -> None:
        said = " ".join(str(error).split())[:120]
        self.crashes.append(f"{what} of {document.category} raised {type(error).__name__}: {said}")
