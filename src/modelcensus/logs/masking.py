"""The second net under secrets: what looks like a key or token, or is one of the settings', is not told.

The first net is that nobody tells one: errors, addresses and records are made without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 6
"""Shorter settings are not looked for: they could be anywhere in a text."""

_SHORTEST_SHAPE = 13
_SHORT = 200
"""Texts so short come again and again: paths, words, ids."""
_SHAPES = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      (?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}                        # OpenAI, Anthropic, OpenRouter, Langfuse, Stripe
    | (?:mct|whsec|hf|npm|dop_v1|gh[pousr]|github_pat|glpat)[_-][A-Za-z0-9+/=_-]{16,}   # ours first
    | signkey-[A-Za-z0-9]+-[A-Za-z0-9]{8,}                      # Inngest
    | AIza[A-Za-z0-9_-]{30,}                                    # Google
    | (?:AKIA|ASIA)[A-Z0-9]{16}                                 # AWS
    | xox[a-z]-[A-Za-z0-9-]{8,}                                 # Slack
    | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?   # JWT
    )""",
    re.VERBOSE,
)
_PATHS = re.compile(r"(hooks\.slack\.com/(?:services|workflows|triggers)/|/api/webhooks/)[^\s\"'?#<>]+", re.IGNORECASE)
_SCHEMES = re.compile(r"\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_NAMED = re.compile(
    r"((?:api[_-]?key|access[_-]?key|token|secret|passw(?:or)?d|authorization|signature)[\"']?\s*[=:]\s*[\"']?)"
    r"[A-Za-z0-9._~+/=%-]{12,}",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"([?&;][\w.-]*(?:key|token|secret|signature|passw(?:or)?d|credential|auth|sig|pwd|code|jwt)[\w.-]*=)[^&#\s\"']+",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"([a-z][a-z0-9+.-]*://)[^/?#\s\"'<>]*@", re.IGNORECASE)


def masker(secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that gives a text without these secrets, in any form that a URL gives them, and without the shapes."""
    forms = {form for each in secrets for form in (each, quote(each, safe=""), quote(each), quote_plus(each))}
    # The longest first: one secret may begin with another.
    known = sorted((form for form in forms if len(form) >= SHORTEST), key=len, reverse=True)
    exact = re.compile("|".join(map(re.escape, known))) if known else None

    def masked(text: str) -> str:
        if exact is not None:
            text = exact.sub(MASK, text)
        # Each look is dear beside the one that says that there is nothing to be found.
        if len(text) >= _SHORTEST_SHAPE:
            text = _SHAPES.sub(MASK, text)
        if "/" in text and "hooks" in text.lower():
            text = _PATHS.sub(rf"\1{MASK}", text)
        if "://" in text:
            text = _USERINFO.sub(rf"\1{MASK}@", text)
        if " " in text:
            text = _SCHEMES.sub(rf"\1\2{MASK}", text)
        if "=" in text or ":" in text:
            text = _QUERY.sub(rf"\1{MASK}", _NAMED.sub(rf"\1{MASK}", text))
        return text

    seen = lru_cache(1024)(masked)
    return lambda text: seen(text) if len(text) <= _SHORT else masked(text)
