"""Prefixes of paths: ``/t/TOKEN/...`` for clients that send no header, ``/at/TIME/...`` for those that add no query.

``/t/TOKEN/at/2026-03-01/v1/models`` is ``/v1/models?as_of=2026-03-01`` with ``Authorization: Bearer TOKEN``. They only
lead to the public catalog and feeds, never to administration.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from modelcensus.core.errors import InvalidInput, NotFound

_TIME_CHARS = 40


class Meant(NamedTuple):
    """What a path with prefixes means; ``token`` None where it names none. ``shown`` may be logged."""

    path: str
    query: bytes
    token: str | None
    shown: str


def has_prefix(path: str) -> bool:
    """Whether a path begins with one of ours."""
    return path.startswith(("/t/", "/at/"))


def meant(path: str, query: bytes, public: Public) -> Meant:
    """The path without its prefixes. Raises ``NotFound``, ``InvalidInput``."""
    token = time = None
    rest = path
    while has_prefix(rest):
        _, kind, value, rest = [*rest.split("/", 3), "", ""][:4]
        rest = f"/{rest}"
        if not value or (token if kind == "t" else time) is not None:
            raise NotFound("nothing is at this path", "write it as /t/TOKEN/at/TIME/v1/models")
        if kind == "t":
            token = value
        else:
            time = value
    if not public.has(rest):
        raise NotFound("nothing is at this path", "a token or time in the path leads to public lists and feeds only")
    if time is not None:
        if len(time) > _TIME_CHARS or any(part.partition(b"=")[0] == b"as_of" for part in query.split(b"&")):
            raise InvalidInput("the time in the path cannot be used", "give one time, in the path or as as_of")
        query = b"&".join(filter(None, (query, f"as_of={quote(time, safe='')}".encode())))
    shown = ("/t/***" if token is not None else "") + (f"/at/{time}" if time is not None else "") + rest
    return Meant(rest, query, token, shown)


class Public:
    """The paths of the public catalog and of feeds: those whose answers hang on edition and tier alone."""

    def __init__(self, rooms: tuple[str, ...], feeds: tuple[str, ...]) -> None:
        """``rooms``: paths with all below them. ``feeds``: exact paths, or with a part in braces."""
        exact = {each for each in feeds if "{" not in each}
        below = {each.partition("{")[0] for each in feeds if "{" in each}
        self._exact = frozenset({*rooms, *exact})
        self._below = tuple(sorted({*(f"{each}/" for each in rooms), *below}))

    def has(self, path: str) -> bool:
        """Whether a path is one of them."""
        return path in self._exact or path.startswith(self._below)
