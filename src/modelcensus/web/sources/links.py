"""Text with addresses in it, such as an attribution: its addresses become links, where they are http or https."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from modelcensus.web.rendering.shown import brief

_ADDRESS = re.compile(r"https?://[A-Za-z0-9./_~%?=&#:@+,;-]*[A-Za-z0-9/_~=#-]")
_LONGEST = 400


def linked(text: str) -> Markup:
    """Text whose addresses are links; all else is shown as text."""
    safe, done = Markup(), 0
    plain = brief(text, _LONGEST)
    for match in _ADDRESS.finditer(plain):
        address = match[0]
        safe += escape(plain[done : match.start()])
        safe += Markup('<a href="{}" rel="noreferrer nofollow">{}</a>').format(address, address.partition("://")[2])
        done = match.end()
    return safe + escape(plain[done:])
