"""What a page tells once: after an act the browser is sent to another page, and a short-lived cookie says what came of
it. It is text, shown as text."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote, unquote

from fastapi import Request, Response

Tone = Literal["good", "warn", "bad"]
_COOKIE = "census_told"
_SECONDS = 60
_LONGEST = 600


def told(answer: Response, text: str, tone: Tone) -> None:
    """Let the next page tell a text."""
    answer.set_cookie(
        _COOKIE, f"{tone}.{quote(text[:_LONGEST], safe='')}", max_age=_SECONDS, httponly=True, samesite="lax"
    )  # fmt: skip


def telling(request: Request) -> tuple[str, str] | None:
    """Tone and text that this page is to tell."""
    given = request.cookies.get(_COOKIE)
    if not given or len(given) > 20 * _LONGEST:
        return None
    tone, _, text = given.partition(".")
    return (tone, unquote(text)) if tone in ("good", "warn", "bad") and text else None


def forgotten(answer: Response) -> None:
    """It is told: not again."""
    answer.delete_cookie(_COOKIE, httponly=True, samesite="lax")
