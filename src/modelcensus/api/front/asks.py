"""A request as the front sees it."""

from __future__ import annotations

import re
from itertools import count
from secrets import token_hex

from starlette.types import Scope

from modelcensus.api.front.prefixes import Public, has_prefix, meant
from modelcensus.serving.sessions import COOKIE

_COOKIE = f"{COOKIE}=".encode()
REQUEST_ID = "modelcensus.request_id"
ERROR = "modelcensus.error"
"""Members of the scope: the request's id; the error that it was answered with."""
_SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:+/=-]{3,127}")
_run = token_hex(5).encode()
_numbers = count(1)


class Ask:
    """What is asked for: ``path`` and ``query`` without prefixes, ``shown`` the path as it may be logged."""

    __slots__ = (
        "accepted", "authorization", "head", "id", "known", "path", "query", "scope",
        "shown", "signed_in", "since",
    )  # fmt: skip

    def __init__(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        self.scope = scope
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.shown = self.path
        self.head: bool = scope["method"] == "HEAD"
        self.accepted = headers.get(b"accept-encoding", b"")
        self.known = headers.get(b"if-none-match")
        self.since = headers.get(b"if-modified-since")
        # Pages of a signed-in browser say who it is, so none of them may be given to another one.
        self.signed_in = _COOKIE in headers.get(b"cookie", b"")
        given = headers.get(b"authorization")
        self.authorization = None if given is None else given.decode("latin-1")
        wanted = headers.get(b"x-request-id")
        self.id = wanted if wanted is not None and _SANE.fullmatch(wanted) else b"%s-%d" % (_run, next(_numbers))


def read(scope: Scope) -> Ask:
    """The request of a scope. The scope stays as it is."""
    listed = scope["headers"]
    headers = dict(listed)
    if len(headers) != len(listed):
        headers = {}
        for name, value in listed:  # joined as HTTP says: of several, none may win by its place
            headers[name] = headers[name] + b", " + value if name in headers else value
    return Ask(scope, headers)


def resolve_prefixes(ask: Ask, public: Public) -> None:
    """Take prefixes off the path, and turn them into what they mean. Raises ``NotFound``, ``InvalidInput``."""
    if not has_prefix(ask.path):
        return
    ask.shown = "/t/***" if ask.path.startswith("/t/") else "/at/***"
    found = meant(ask.path, ask.query, public)
    ask.path, ask.query, ask.shown = found.path, found.query, found.shown
    headers = ask.scope["headers"]
    if found.token is not None:
        ask.authorization = f"Bearer {found.token}"
        headers = [pair for pair in headers if pair[0] != b"authorization"]
        headers.append((b"authorization", ask.authorization.encode("utf-8", "surrogateescape")))
    ask.scope = dict(ask.scope) | {
        "path": ask.path, "raw_path": ask.path.encode("utf-8", "surrogateescape"), "query_string": ask.query,
        "headers": headers,
    }  # fmt: skip
