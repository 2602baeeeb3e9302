"""Where a connection may go: names are resolved once, checked, and the checked address itself is dialled."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from math import inf
from ssl import SSLContext
from typing import Any

import httpcore2

from modelcensus.core.errors import Unsafe

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _reached(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 address leads to (mapped, 6to4, NAT64), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: str) -> bool:
    """Whether ``address`` (an IP address, maybe with a scope) is one on the open internet."""
    reached = _reached(ipaddress.ip_address(address))
    if reached.is_multicast or reached.is_reserved or getattr(reached, "is_site_local", False):
        return False
    return reached.is_global


def resolve(host: str, port: int) -> list[str]:
    """All addresses of ``host``, each once, in the order the system prefers. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def refuse_private(host: str, addresses: Sequence[str], permitted: Callable[[str], bool] = is_public) -> None:
    """Raise ``Unsafe`` if any address is not permitted: a name with one good and one bad address is a trick."""
    for address in addresses:
        if not permitted(address):
            raise Unsafe(
                f"{host}: leads to {address}, which is not a public address; no connection was made",
                "if that mirror is yours, set it as the base URL of the source",
            )


class Deadline(threading.local):
    """When the attempt that runs in this thread must be over (monotonic seconds)."""

    at: float = inf

    def start(self, seconds: float) -> None:
        """Begin an attempt of at most ``seconds``."""
        self.at = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.at

    def bound(self, timeout: float | None, late: type[httpcore2.TimeoutException]) -> float | None:
        """``timeout``, shortened to what is left; raises ``late`` if nothing is."""
        remaining = self.at - time.monotonic()
        if remaining <= 0:
            raise late("the time of the attempt is up")
        if timeout is None:
            return None if remaining == inf else remaining
        return min(timeout, remaining)


class BoundedStream(httpcore2.NetworkStream):
    """A connection of which every read and write ends by the deadline, so a slow drip of bytes ends as well."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the inner stream, by the deadline."""
        return self._inner.read(max_bytes, self._deadline.bound(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the inner stream, by the deadline."""
        self._inner.write(buffer, self._deadline.bound(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """As the inner stream, by the deadline; the result is bounded too."""
        left = self._deadline.bound(timeout, httpcore2.ConnectTimeout)
        return BoundedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """As the inner stream."""
        return self._inner.get_extra_info(info)


class Dialer(httpcore2.NetworkBackend):
    """Opens connections. With ``permitted``, only to addresses it allows, and to the very address that was checked."""

    def __init__(
        self,
        deadline: Deadline,
        permitted: Callable[[str], bool] | None = None,
        resolver: Callable[[str, int], list[str]] = resolve,
    ) -> None:
        self._deadline = deadline
        self._permitted = permitted
        self._resolver = resolver
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address that answers; raises ``Unsafe`` before any packet where it must not."""
        failure: Exception | None = None
        options = list(socket_options or ())
        for address in self._addresses(host, port):
            left = self._deadline.bound(timeout, httpcore2.ConnectTimeout)
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return BoundedStream(stream, self._deadline)
        raise failure or httpcore2.ConnectError(socket.gaierror(socket.EAI_NONAME, "no address"))

    def _addresses(self, host: str, port: int) -> list[str]:
        if self._permitted is None:
            return [host]
        try:
            addresses = self._resolver(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(error) from error
        refuse_private(host, addresses, self._permitted)
        return addresses
