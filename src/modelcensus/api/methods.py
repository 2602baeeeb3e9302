"""Methods that a path does not have: 405 with exactly the methods that it has.

Of the paths that fit an address the one with the most words of its own decides. Without this a greedy path further down
(``/api/models/{id}`` for ``/api/models/{id}/access``) would take a method that the first does not have for its own, and
``Allow`` would name the methods of one route only. An id that holds such a word itself (``lab/overrides/x``) is told
apart by encoding its slashes, so addresses are looked at as they were sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from re import Pattern

from fastapi import FastAPI
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, NoMatchFound, Route, compile_path
from starlette.types import Receive, Scope, Send

_PARAMETER = re.compile(r"\{[^}]*\}")


class OtherMethods(BaseRoute):
    """Stands before all routes, and takes what the path that fits best has no method for."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: list[tuple[Pattern[str], set[str]]] = []

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """FULL where the path that fits best has other methods only."""
        if scope["type"] == "http":
            path = scope.get("raw_path", b"").decode("latin-1") or scope["path"]
            for pattern, methods in self._paths():
                if pattern.match(path):
                    return (Match.NONE, {}) if scope["method"] in methods else (Match.FULL, {"allow": methods})
        return Match.NONE, {}

    async def handle(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Refuse, naming the methods that there are."""
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(scope["allow"]))})

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """This route has no name."""
        raise NoMatchFound(name, path_params)

    def _paths(self) -> list[tuple[Pattern[str], set[str]]]:
        if not self._known:
            found: dict[str, tuple[Pattern[str], set[str]]] = {}
            for path, methods in _declared(self._app.router.routes):
                found.setdefault(path, (compile_path(path)[0], set()))[1].update(methods)
            self._known = [found[path] for path in sorted(found, key=_own_letters, reverse=True)]
        return self._known


def _own_letters(path: str) -> int:
    return len(_PARAMETER.sub("", path))


def _declared(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every path with methods, in the order in which they are asked."""
    for route in routes:
        # FastAPI keeps an included router as a route of its own, with the router and its prefix in it.
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _declared(included.routes, prefix + route.include_context.prefix)  # type: ignore[attr-defined]  # see above
        elif isinstance(route, Route) and route.methods:
            yield prefix + route.path, route.methods
