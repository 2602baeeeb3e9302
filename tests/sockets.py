"""Keeps the tests on this machine: a connection beyond loopback fails the test that tries it.

An audit hook sees every connection that Python code makes, whichever library makes it, and patches nothing.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_GUARDED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class ReachedOutside(BaseException):
    """A test reached beyond loopback.

    Not an ``Exception``: code that turns network failures into results must not be able to swallow it.
    """


def guard() -> None:
    """Watch this process from now until it ends."""
    sys.addaudithook(_on_event)


def is_loopback(address: object) -> bool:
    """Whether a socket address stays on this machine; a unix socket's path does."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).partition("%")[0]
    if host in ("", "localhost"):
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return bool((mapped or number).is_loopback or number.is_unspecified)


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _GUARDED and not is_loopback(arguments[-1]):
        raise ReachedOutside(f"{event} to {arguments[-1]}: tests must not reach beyond loopback")
