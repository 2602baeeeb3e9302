"""One JSON answer, and parameters checked by name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request, Response

from modelcensus.core.document import encode
from modelcensus.core.errors import InvalidInput
from modelcensus.serving import cursors

T = TypeVar("T")


def answer(request: Request, value: Any, *, status: int = 200) -> Response:
    """One JSON answer, or 304 if whoever asks has it already."""
    body = encode(value)
    # Weak: the same answer may go out packed or plain.
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.method != "GET":
        # An act is told in full, whatever its teller had seen before.
        return Response(body, status, {"Cache-Control": "no-store"}, media_type="application/json")
    known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known or tag.removeprefix("W/") in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type="application/json")


def page(request: Request, found: Sequence[T], limit: int, place: Callable[[T], object]) -> Response:
    """The first ``limit`` of what was found, and where the next page begins: behind the ``place`` of the last of them.

    Whoever asks finds one more than the limit, if there is one: only then another page follows.
    """
    following = cursors.packed(place(found[limit - 1])) if len(found) > limit else None
    return answer(request, {"data": found[:limit], "next": following})


def only_known_parameters(request: Request) -> None:
    """A misspelt parameter would silently answer another question. Raises ``InvalidInput``.

    Also for a NUL character in a value: no name holds one, and PostgreSQL takes it for no text at all.
    """
    known = [parameter.alias for parameter in request.scope["route"].dependant.query_params]
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise InvalidInput(f"there is no parameter '{name[:80]}' here", f"the parameters are: {', '.join(known)}")
        if "\0" in value:
            raise InvalidInput(f"the parameter '{name}' holds a NUL character", "leave it out: no name holds one")
