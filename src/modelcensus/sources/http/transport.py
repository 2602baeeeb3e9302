"""Requests over two pools of connections: one to the configured origin, one guarded for everywhere else.

httpx2's own client is not used on purpose: it writes whole URLs to the log, keeps cookies, reads proxies from the
environment, and gives no place to check an address at connect time.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import httpcore2
import httpx2

from modelcensus.sources.http.guard import Deadline, Dialer, is_public, refuse_private, resolve

_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONNECTIONS = 20
_KEEPALIVE_SECONDS = 15.0

# Its debug log holds response headers, in which an upstream may echo a key. Who sets the level by name still gets it.
if (_log := logging.getLogger("httpcore2")).level == logging.NOTSET:
    _log.setLevel(logging.INFO)

Origin = tuple[str, str, int]
Pool = httpcore2.ConnectionPool


def origin_of(url: httpx2.URL) -> Origin:
    """Scheme, host and port of an http(s) URL."""
    return url.scheme, url.raw_host.decode("ascii").lower(), url.port or _DEFAULT_PORTS.get(url.scheme, 0)


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        if close := getattr(self._stream, "close", None):
            close()


class GuardedTransport(httpx2.BaseTransport):
    """Sends a request to ``home`` freely, to any other origin only where every address is public.

    Raises ``Unsafe`` before a connection is made, and httpcore2's exceptions. With a proxy the proxy dials: literal
    addresses and names that resolve here are still checked; a name that only the proxy knows is left to the proxy.
    """

    def __init__(
        self,
        home: Origin,
        deadline: Deadline,
        proxy: str | None = None,
        permitted: Callable[[str], bool] = is_public,
        resolver: Callable[[str, int], list[str]] = resolve,
    ) -> None:
        self._home_origin = home
        self._permitted = permitted
        self._resolver = resolver
        self._proxied = proxy is not None
        guard = None if proxy else permitted
        self._home = _pool(Dialer(deadline), proxy)
        self._abroad = _pool(Dialer(deadline, guard, resolver), proxy)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request, no redirects followed; the body is not read yet."""
        url = request.url
        at_home = origin_of(url) == self._home_origin
        if self._proxied and not at_home:
            self._check_before_proxy(url)
        inner = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        answer = (self._home if at_home else self._abroad).handle_request(inner)
        if not isinstance(answer.stream, Iterable):
            raise TypeError("the pool gave a body that cannot be read here")
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream), request=request)

    def _check_before_proxy(self, url: httpx2.URL) -> None:
        _, host, port = origin_of(url)
        try:
            addresses = self._resolver(host, port)
        except OSError:
            return
        refuse_private(host, addresses, self._permitted)

    def close(self) -> None:
        """Close every connection."""
        self._home.close()
        self._abroad.close()


@cache
def _tls() -> ssl.SSLContext:
    # Reading the certificate store takes 16 ms, for every connection if the pool were left to do it.
    return httpcore2.default_ssl_context()


def _pool(dialer: Dialer, proxy: str | None) -> Pool:
    return Pool(
        ssl_context=_tls(),
        proxy=_proxy(proxy) if proxy else None,
        max_connections=_CONNECTIONS,
        max_keepalive_connections=_CONNECTIONS,
        keepalive_expiry=_KEEPALIVE_SECONDS,
        network_backend=dialer,
    )


def _proxy(text: str) -> httpcore2.Proxy:
    proxy = httpx2.Proxy(text)
    url = httpcore2.URL(
        scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=proxy.url.raw_path
    )
    return httpcore2.Proxy(url, auth=proxy.raw_auth, headers=proxy.headers.raw, ssl_context=proxy.ssl_context)
