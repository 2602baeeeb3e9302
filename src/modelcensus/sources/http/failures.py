"""What went wrong, in plain words: failures of the wire and HTTP statuses as errors of the one tree."""

from __future__ import annotations

import datetime as dt
import http
import socket
import ssl

import httpcore2

from modelcensus.core.errors import (
    BadRequest,
    KeyRefused,
    NotThere,
    RateLimited,
    Refused,
    SourceError,
    TooLarge,
    Unreachable,
    UpstreamBroken,
)
from modelcensus.sources.http.answer import MIB, HttpLimits
from modelcensus.sources.http.retry import TRANSIENT_STATUSES, Transient, retry_after_seconds

_TRY_LATER = "try again later; if it goes on, see the status page of the source"


def of_wire(error: Exception, host: str, limits: HttpLimits, late: bool) -> SourceError:
    """The error for an exception of the connection; ``late`` if the time of the whole attempt was up."""
    if isinstance(error, httpcore2.TimeoutException):
        return _of_timeout(error, host, limits, late)
    if isinstance(error, httpcore2.ConnectError):
        return _of_connect(error, host)
    if isinstance(error, httpcore2.ProxyError):
        return Unreachable(f"{host}: the proxy would not connect to it", "check the proxy setting")
    if isinstance(error, httpcore2.LocalProtocolError):
        return Refused(f"{host}: a header to send holds what HTTP forbids", "check the key and the headers")
    if isinstance(error, httpcore2.RemoteProtocolError):
        return UpstreamBroken(f"{host}: the answer was cut short or is not HTTP", _TRY_LATER)
    if isinstance(error, (UnicodeError, OverflowError)):
        return Unreachable(f"{host}: not a host name or port that can be used", "check the URL")
    return UpstreamBroken(f"{host}: the connection broke before the answer was whole", _TRY_LATER)


def _of_timeout(error: httpcore2.TimeoutException, host: str, limits: HttpLimits, late: bool) -> SourceError:
    if late:
        return Unreachable(
            f"{host}: the answer was not whole after {limits.total_seconds:g} s",
            "try again later, or raise total_seconds",
        )
    if isinstance(error, httpcore2.ConnectTimeout):
        return Unreachable(
            f"{host}: no connection within {limits.connect_seconds:g} s", "check the network, the address and the proxy"
        )
    return Unreachable(f"{host}: sent nothing for {limits.read_seconds:g} s", "try again later, or raise read_seconds")


def _of_connect(error: httpcore2.ConnectError, host: str) -> SourceError:
    cause = error.args[0] if error.args else None
    if isinstance(cause, socket.gaierror):
        return Unreachable(f"{host}: this name is not known", "check the network and the base URL")
    if isinstance(cause, ConnectionRefusedError):
        return Unreachable(f"{host}: nothing listens there", "check the base URL and that the server runs")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable(f"{host}: its TLS certificate is not trusted", "check the clock and the certificates here")
    if isinstance(cause, ssl.SSLError):
        return Unreachable(f"{host}: no TLS connection", "check that the base URL is https and the port is right")
    return Unreachable(f"{host}: no connection", "check the network, the address and the proxy")


def is_final(error: Exception) -> bool:
    """Whether trying again cannot help: our own request is wrong, or the certificate is."""
    cause = error.args[0] if error.args else None
    return isinstance(
        error, httpcore2.LocalProtocolError | UnicodeError | OverflowError | httpcore2.UnsupportedProtocol
    ) or isinstance(cause, ssl.SSLCertVerificationError)


def of_status(status: int, host: str, retry_after: str | None, limits: HttpLimits, now: float) -> Exception:
    """The exception for a status that is no answer: ``Transient`` if trying again soon may help."""
    said = f"{host}: {status} {_phrase(status)}".rstrip()
    error = _of_status(status, said)
    if status not in TRANSIENT_STATUSES:
        return error
    wait = retry_after_seconds(retry_after, now)
    if wait is None or wait <= limits.retry_after_max:
        return Transient(error, wait)
    return type(error)(f"{said}; it asks to come back {_when(now, wait)}", "run it again after that time")


def _of_status(status: int, said: str) -> SourceError:
    if status in (401, 403):
        return KeyRefused(said, "set the key of this source")
    if status == 429:
        return RateLimited(f"{said}; it allows no more requests for now", "sync less often, or set a key that may more")
    if status in (404, 410):
        return NotThere(said, "check the base URL of the source; the address may have moved")
    if status in (400, 422):
        return BadRequest(said, "check the base URL and the parameters of the source")
    if 400 <= status < 500:
        return Refused(said, "check the base URL and the parameters of the source")
    if status >= 500:
        return UpstreamBroken(said, _TRY_LATER)
    return UpstreamBroken(f"{said} is not an answer that can be used", "check the base URL of the source")


def _phrase(status: int) -> str:
    # Never the reason phrase that came over the wire: it is the upstream's text.
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def _when(now: float, wait: float) -> str:
    try:
        at = dt.datetime.fromtimestamp(now + wait, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return f"in {wait:.0f} s"
    return f"in {wait:.0f} s, at {at:%Y-%m-%d %H:%M:%S} UTC"


def too_large(host: str, limit: int, setting: str, what: str) -> TooLarge:
    """The error for an answer above ``limit`` bytes of ``setting``."""
    size = f"{limit / MIB:g} MiB" if limit >= MIB else f"{limit} bytes"
    return TooLarge(f"{host}: the answer is over {size} {what}", f"if that is right, raise {setting}")


def garbled(host: str, why: str) -> UpstreamBroken:
    """The error for a body that cannot be unpacked."""
    return UpstreamBroken(f"{host}: the answer is garbled: {why}", _TRY_LATER)
