"""Texts without secrets: what this package says and raises goes through here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
# Two letters could be anywhere in a text; masking them would only garble it.
SHORTEST_SECRET = 4

_SECRET_NAME = r"(?:[\w.-]*(?:key|token|secret|signature|passw(?:or)?d|credential|auth)[\w.-]*|sig|pwd|code|jwt)"
_QUERY_VALUE = re.compile(rf"([?&;]{_SECRET_NAME}=)[^&#\s]*", re.IGNORECASE)
_ANY_VALUE = re.compile(r"=[^&;#]*")
_USERINFO = re.compile(r"(https?://)[^/?#\s]*@", re.IGNORECASE)


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without the given secrets, without user and password in URLs, without secret-looking query values."""
    for secret in secrets:
        for form in {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}:
            if len(form) >= SHORTEST_SECRET:
                text = text.replace(form, MASK)
    return _USERINFO.sub(rf"\1{MASK}@", _QUERY_VALUE.sub(rf"\1{MASK}", text))


def shown_url(url: str) -> str:
    """A URL that a person gave, without what may be secret in it: user, password, and every value of its query."""
    head, mark, query = masked(url).partition("?")
    return head + mark + _ANY_VALUE.sub(f"={MASK}", query)
