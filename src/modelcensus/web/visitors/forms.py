"""Forms: what a browser posts, bounded, and only from our own pages.

A form of another site would act with the visitor's cookie. It is refused by where it comes from (``Sec-Fetch-Site``,
``Origin``), and for it lacks the ``proof`` that our pages put into every form.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from modelcensus.core.errors import Forbidden, InvalidInput
from modelcensus.serving.context import context_of
from modelcensus.serving.sessions import is_proof
from modelcensus.web.rendering.telling import Tone, told
from modelcensus.web.visitors.visitor import cookie_of

MAX_BYTES = 1024 * 1024
_MOST_FIELDS = 20_000
_FORM = "application/x-www-form-urlencoded"
_AGAIN = "open the page again and repeat it there"


class Form:
    """Fields by name, in the order in which they were sent. White space at the ends of a value is gone."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def one(self, name: str, default: str = "") -> str:
        """The last value of a field."""
        found = [value for each, value in self._pairs if each == name]
        return found[-1] if found else default

    def many(self, name: str) -> list[str]:
        """Every value of a field that is not empty."""
        return [value for each, value in self._pairs if each == name and value]

    def pairs(self) -> list[tuple[str, str]]:
        """All fields."""
        return list(self._pairs)

    def must(self, name: str, what: str) -> str:
        """A field that may not be empty; ``what`` tells people what it is. Raises ``InvalidInput``."""
        found = self.one(name)
        if not found:
            raise InvalidInput(f"{what} is missing", "go back, fill it in, and send the form again")
        return found


async def posted(request: Request) -> Form:
    """The form of a request. Raises ``Forbidden`` where no page of ours sent it, and ``InvalidInput``."""
    if not _is_ours(request):
        raise Forbidden("this form comes from another site", _AGAIN)
    form = Form(_fields(await _body(request)))
    cookie = cookie_of(request)
    if cookie is None or is_proof(form.one("proof"), cookie):
        return form
    # A cookie whose session is over speaks for nobody, and may not keep anybody from signing in again.
    if context_of(request).sessions.caller(cookie) is not None:
        raise Forbidden("this form does not belong to your session", _AGAIN)
    return form


Posted = Annotated[Form, Depends(posted)]
"""A parameter of a path that takes a form; whoever may not do a thing is refused first, so their parameter goes first.
"""


def onward(path: str, text: str = "", tone: Tone = "good") -> RedirectResponse:
    """After an act: to the page that shows what came of it, which tells ``text`` once."""
    answer = RedirectResponse(path, 303, {"Cache-Control": "no-store"})
    if text:
        told(answer, text, tone)
    return answer


def local_path(text: str, default: str = "/") -> str:
    """A path of this site that somebody asked to be sent to, or the default: never another site's."""
    parts = urlsplit(text) if text.isprintable() and len(text) <= 2000 else None
    if parts is None or parts.scheme or parts.netloc or not text.startswith("/") or text[1:2] in ("/", "\\"):
        return default
    return text


def _is_ours(request: Request) -> bool:
    headers = request.headers
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(415, f"a form is sent as {_FORM}")
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > MAX_BYTES:
            raise HTTPException(413, f"a form has at most {MAX_BYTES:,} bytes")
    return bytes(found)


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )  # fmt: skip
    except ValueError as error:
        raise InvalidInput("this form cannot be read", _AGAIN) from error
    if any("\0" in text for pair in pairs for text in pair):
        raise InvalidInput("a field of this form holds a NUL character", "leave it out: no name holds one")
    return [(name, value.strip()) for name, value in pairs]
