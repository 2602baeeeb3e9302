"""What an adapter asks with, straight at a client: without a census, a journal or a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from modelcensus.core.errors import SourceError
from modelcensus.sources.http import Answer, HttpClient


class Asked:
    """An ``Ask`` over one client; with none, for adapters that ask no upstream."""

    def __init__(self, options: Mapping[str, str], http: HttpClient | None = None) -> None:
        self.options, self._http = options, http
        self.query: Mapping[str, str] = {}

    def get(self, url_or_path: str, params: Any = ()) -> Answer:
        """One request."""
        assert self._http is not None
        return self._http.get(url_or_path, params=params)

    def each(self, paths: Iterable[str]) -> Iterator[Answer | SourceError]:
        """Many requests, one after another."""
        return (self.get(path) for path in paths)

    def known(self, category: str) -> frozenset[str]:  # noqa: ARG002  # the protocol's
        """Nothing is recorded."""
        return frozenset()
