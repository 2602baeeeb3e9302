"""One POST to an address that a person gave: bounded, no redirects, and never to a private address unless allowed."""

from __future__ import annotations

import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import httpcore2
import httpx2
import msgspec

from modelcensus.core.errors import InvalidInput, SourceError, Unsafe
from modelcensus.sources.http import failures
from modelcensus.sources.http.answer import HttpLimits
from modelcensus.sources.http.client import USER_AGENT
from modelcensus.sources.http.guard import Deadline, Dialer, is_public, resolve
from modelcensus.sources.http.retry import retry_after_seconds

MOST_READ = 64 * 1024
"""Bytes of an answer that are read."""
LONGEST_URL = 2000
_SHOWN = 200
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")


class Posted(msgspec.Struct, frozen=True):
    """What was answered: the status, seconds to wait if it asks so, and the beginning of its text in one line."""

    status: int
    retry_after: float | None
    text: str


def checked(text: str, *, private: bool = False) -> httpx2.URL:
    """An address that may be posted to: https on a public host, or anything on http(s) if ``private`` is allowed.

    Names are not resolved here: where they lead is checked when the connection is made. Raises ``InvalidInput``.
    """
    hint = "write it as https://host/path"
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError, UnicodeError):
        raise InvalidInput("the URL cannot be used", hint) from None
    if len(text) > LONGEST_URL or not text.isprintable() or " " in text:
        raise InvalidInput("the URL cannot be used", f"{hint}, of at most {LONGEST_URL} characters")
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host) or url.fragment:
        raise InvalidInput("the URL is no http(s) address without a fragment", hint)
    if url.port is not None and not 0 < url.port < 65536:
        raise InvalidInput("the URL has a port that there is not", hint)
    if private:
        return url
    if url.scheme != "https":
        raise InvalidInput(
            "the URL is not https", "use https, or set webhooks.allow_private for a receiver of your own"
        )
    if _is_private(url.host):
        raise InvalidInput(
            "the URL leads to a private address", "set webhooks.allow_private if receivers may be on your own network"
        )
    return url


def post(
    url: httpx2.URL, body: bytes, headers: Mapping[str, str], *, seconds: float, now: float, private: bool = False,
    resolver: Callable[[str, int], list[str]] = resolve,
) -> Posted:  # fmt: skip
    """Post, and read the answer, in ``seconds`` at most; ``now`` in Unix seconds.

    Raises ``Unsafe`` before any packet leaves for a private address, and other ``SourceError``s.
    """
    deadline = Deadline()
    deadline.start(seconds)
    limits = HttpLimits(connect_seconds=seconds, read_seconds=seconds, total_seconds=seconds)
    plain = url.copy_with(userinfo=b"", fragment=None)
    request = httpcore2.Request(
        "POST",
        httpcore2.URL(scheme=plain.raw_scheme, host=plain.raw_host, port=plain.port, target=plain.raw_path),
        headers=[(name.encode(), value.encode("latin-1")) for name, value in _headers(url, body, headers).items()],
        content=body,
        extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)},
    )
    dialer = Dialer(deadline, None if private else is_public, resolver)
    try:
        with httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=dialer) as pool:
            response = pool.handle_request(request)
            try:
                return _posted(response, now)
            finally:
                response.close()
    except Unsafe as error:
        raise Unsafe(error.message, "set webhooks.allow_private if receivers may be on your own network") from None
    except SourceError:
        raise
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol,
            UnicodeError, OverflowError) as error:  # fmt: skip
        raise failures.of_wire(error, url.host, limits, deadline.passed) from None


def _headers(url: httpx2.URL, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    own = {
        "Host": url.netloc.decode("ascii"), "User-Agent": USER_AGENT, "Content-Type": "application/json",
        "Content-Length": str(len(body)), "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close",
    }  # fmt: skip
    if url.userinfo:
        own["Authorization"] = "Basic " + b64encode(url.userinfo).decode("ascii")
    return own | dict(headers)


def _posted(response: httpcore2.Response, now: float) -> Posted:
    asked = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
    text = b""
    if not isinstance(response.stream, Iterable):
        raise TypeError("the pool gave a body that cannot be read here")
    for part in response.stream:
        text += part
        if len(text) >= MOST_READ:
            break
    said = "".join(each if each.isprintable() else " " for each in text[: 4 * _SHOWN].decode(errors="replace"))
    return Posted(response.status, retry_after_seconds(asked.decode("latin-1"), now), " ".join(said.split())[:_SHOWN])


def _is_private(host: str) -> bool:
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


@cache
def _tls() -> ssl.SSLContext:
    return httpcore2.default_ssl_context()
