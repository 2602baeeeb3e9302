"""What a page's address asks for after its question mark, and the addresses of pages beside it."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from fastapi import Request

from modelcensus.core.errors import InvalidInput

_LONGEST = 1000
_MOST = 2**53


class Query:
    """Parameters by name; an empty one is none. Whatever cannot be meant is refused, never left out in silence."""

    def __init__(self, text: str) -> None:
        self._given = {name: value.strip() for name, value in parse_qsl(text[:20_000]) if value.strip()}
        for name, value in self._given.items():
            if "\0" in value or len(value) > _LONGEST:
                raise InvalidInput(
                    f"'{name[:40]}' holds a NUL character, or more than {_LONGEST} others", "write a shorter text"
                )

    def text(self, name: str) -> str:
        """A parameter's text, empty where it is not given."""
        return self._given.get(name, "")

    def one_of(self, name: str, words: Collection[str]) -> str | None:
        """One of these words; None where nothing is given. Raises ``InvalidInput``."""
        given = self._given.get(name)
        if given is not None and given not in words:
            raise InvalidInput(f"'{given[:40]}' is no '{name[:40]}'", f"it may be: {', '.join(words)}")
        return given

    def flag(self, name: str) -> bool | None:
        """``yes`` or ``no``; None where nothing is given. Raises ``InvalidInput``."""
        given = self.one_of(name, ("yes", "no"))
        return None if given is None else given == "yes"

    def number(self, name: str) -> int | None:
        """A whole number from 1 on; None where nothing is given. Raises ``InvalidInput``."""
        given = self._given.get(name)
        if given is None:
            return None
        if not (given.isascii() and given.isdigit() and 0 < int(given) <= _MOST):
            raise InvalidInput(f"'{given[:40]}' is no '{name[:40]}'", "write a whole number from 1 on")
        return int(given)

    @property
    def any(self) -> bool:
        """Whether a filter is asked for, and not only a view, an order or a page."""
        return bool(self._given.keys() - {"page", "sort", "show", "done", "before"})

    def but(self, **changes: object) -> str:
        """The query with some parameters changed, or gone where None; the first page, unless ``page`` is named."""
        kept = {name: value for name, value in self._given.items() if name != "page"}
        kept |= {name: str(value) for name, value in changes.items()}
        gone = {name for name, value in changes.items() if value is None}
        return urlencode([(name, value) for name, value in kept.items() if name not in gone])

    def __str__(self) -> str:
        return urlencode(list(self._given.items()))


def query_of(request: Request) -> Query:
    """What a request asks for. Raises ``InvalidInput``."""
    return Query(request.url.query)
