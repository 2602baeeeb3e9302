"""The one polite HTTP client: bounded in time and size, patient with busy servers, and never led astray."""

from __future__ import annotations

import logging
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from modelcensus.core.errors import SettingsError, SourceError, Unsafe, UpstreamBroken
from modelcensus.sources.http import failures
from modelcensus.sources.http.answer import Answer, HttpLimits, Validators
from modelcensus.sources.http.decoding import ACCEPT_ENCODING, Garbled, Oversized, as_utf8, unpacked
from modelcensus.sources.http.gate import Gate
from modelcensus.sources.http.guard import Deadline, is_public
from modelcensus.sources.http.retry import Transient, with_retries
from modelcensus.sources.http.transport import GuardedTransport, origin_of
from modelcensus.sources.masking import MASK, SHORTEST_SECRET, masked
from modelcensus.version import __version__

_log = logging.getLogger(__name__)
USER_AGENT = f"modelcensus/{__version__} (+https://github.com/modelcensus/modelcensus)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# All other configured headers may carry a credential and stay with the configured origin.
_TRAVELLING = frozenset({"user-agent", "accept", "accept-encoding"})

# The URL parser percent-encodes what it does not like; no name service should be asked for that.
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")

Params = Mapping[str, str | int | float | bool | None] | Sequence[tuple[str, str | int | float | bool | None]]


class HttpClient:
    """GET requests to one configured upstream; thread-safe; a context manager.

    A relative path, with or without a leading slash, goes below ``base_url``; an absolute URL is taken as it is.
    ``headers`` go to the origin of ``base_url`` only (User-Agent and Accept excepted). ``secrets`` are strings that
    must never show in an error. ``sleep`` takes seconds, ``now`` gives Unix seconds. ``permitted`` says which IP
    addresses a redirect, link or absolute URL may lead to outside the origin of ``base_url``.
    Every request passes the ``gates``, which other clients may share. The environment's proxy variables are
    not read here.
    Raises ``SettingsError`` for a base URL, proxy or header that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: HttpLimits | None = None,
        user_agent: str = USER_AGENT,
        proxy: str | None = None,
        sleep: Callable[[float], None] | None = None,
        secrets: Sequence[str] = (),
        now: Callable[[], float] = time.time,
        permitted: Callable[[str], bool] = is_public,
        gates: Sequence[Gate] = (),
    ) -> None:
        self._limits = limits or HttpLimits()
        self._sleep = sleep
        self._now = now
        self._base, userinfo = _base_url(base_url)
        self._home = origin_of(self._base)
        own = {"user-agent": user_agent, "accept": "application/json, */*;q=0.5", "accept-encoding": ACCEPT_ENCODING}
        if userinfo:
            own["authorization"] = "Basic " + b64encode(userinfo).decode("ascii")
        self._headers = own | _checked(headers or {})
        self._secrets = tuple(sorted({s for s in secrets if s}, key=len, reverse=True))
        self._gates = tuple(gates)
        self._deadline = Deadline()
        try:
            self._transport = GuardedTransport(self._home, self._deadline, proxy, permitted)
        except (ValueError, httpx2.InvalidURL, ImportError):
            raise SettingsError("the proxy is not a URL that can be used", "write it as http://host:port") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def get(self, url_or_path: str, *, params: Params = (), validators: Validators | None = None) -> Answer:
        """The whole answer, or an error of the tree: Unreachable, Refused, UpstreamBroken, TooLarge, Unsafe.

        ``params`` are added to the query. With ``validators`` the upstream may say that nothing has changed.
        """
        try:
            url = self._target(url_or_path, params)
            return with_retries(lambda: self._gated(url, validators or Validators()), self._limits, self._sleep)
        except SourceError as error:
            raise type(error)(self._masked(error.message), self._masked(error.hint)) from None

    def _masked(self, text: str) -> str:
        return " ".join(masked(text, self._secrets).split())

    def _target(self, url_or_path: str, params: Params) -> httpx2.URL:
        try:
            url = httpx2.URL(url_or_path)
            if not url.scheme and not url.host:
                url = self._base.copy_with(raw_path=_below(self._base.raw_path, url.raw_path))
            if params:
                merged = dict(params) if isinstance(params, Mapping) else list(params)
                url = url.copy_merge_params(merged)
        except (httpx2.InvalidURL, ValueError):
            raise Unsafe(f"not a URL that can be used: {url_or_path[:200]}", "check the URL of the source") from None
        self._check(url, self._home[0])
        return url

    def _check(self, url: httpx2.URL, scheme_before: str) -> None:
        if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host):
            raise Unsafe(f"not an http or https URL: {str(url)[:200]}", "the source points to where it must not")
        if scheme_before == "https" and url.scheme == "http":
            raise Unsafe(f"{url.host}: leads from https down to http", "the source must stay on https")

    def _gated(self, url: httpx2.URL, validators: Validators) -> Answer:
        with ExitStack() as held:
            for gate in self._gates:
                held.enter_context(gate.slot())
            try:
                answer = self._attempt(url, validators)
            except Transient as failure:
                _log.info("a request failed, as may pass: %s", self._masked(failure.error.message))
                raise
            _log.debug("asked %s", answer.url, extra={"status": answer.status, "bytes": len(answer.body)})
            return answer

    def _attempt(self, url: httpx2.URL, validators: Validators) -> Answer:
        self._deadline.start(self._limits.total_seconds)
        with_credentials = True
        for _ in range(self._limits.max_redirects + 1):
            with_credentials = with_credentials and origin_of(url) == self._home
            with self._answering(url, with_credentials, validators) as response:
                if response.status_code not in _REDIRECTS:
                    return self._read(response, url, validators)
                url = self._redirected(url, response.headers.get("location"))
        raise UpstreamBroken(
            f"{url.host}: redirects more than {self._limits.max_redirects} times", "check the base URL of the source"
        )

    def _redirected(self, url: httpx2.URL, location: str | None) -> httpx2.URL:
        if not location:
            raise UpstreamBroken(f"{url.host}: redirects without saying where to", "check the base URL of the source")
        try:
            target = url.join(location)
        except (httpx2.InvalidURL, ValueError):
            raise Unsafe(f"{url.host}: redirects to what is not a URL", "check the base URL of the source") from None
        self._check(target, url.scheme)
        return target

    @contextmanager
    def _answering(self, url: httpx2.URL, with_credentials: bool, asked: Validators) -> Iterator[httpx2.Response]:
        headers = {name: v for name, v in self._headers.items() if with_credentials or name in _TRAVELLING}
        if asked.etag:
            headers["if-none-match"] = asked.etag
        if asked.last_modified:
            headers["if-modified-since"] = asked.last_modified
        limits = self._limits
        timeout = {"connect": limits.connect_seconds, "read": limits.read_seconds, "write": limits.read_seconds}
        try:
            request = httpx2.Request("GET", url, headers=headers, extensions={"timeout": timeout})
            response = self._transport.handle_request(request)
            try:
                yield response
            finally:
                response.close()
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError,
                httpcore2.UnsupportedProtocol, UnicodeError, OverflowError) as error:  # fmt: skip
            failure = failures.of_wire(error, url.host, limits, self._deadline.passed)
            raise failure if failures.is_final(error) else Transient(failure) from None

    def _read(self, response: httpx2.Response, url: httpx2.URL, asked: Validators) -> Answer:
        status, host = response.status_code, url.host
        given = Validators(response.headers.get("etag"), response.headers.get("last-modified"))
        if status == 304:
            if asked == Validators():
                raise UpstreamBroken(f"{host}: 304 Not Modified, but nothing was asked for", "try again later")
            given = Validators(given.etag or asked.etag, given.last_modified or asked.last_modified)
        elif not 200 <= status < 300 or status == 206:
            raise failures.of_status(status, host, response.headers.get("retry-after"), self._limits, self._now())
        return Answer(
            url=self._masked(str(url.copy_with(userinfo=b""))),
            status=status,
            body=b"" if status == 304 else self._text(response, host),
            content_type=response.headers.get("content-type"),
            validators=given,
            not_modified=status == 304,
            links=_links(response, url),
        )

    def _text(self, response: httpx2.Response, host: str) -> bytes:
        """The body in UTF-8, without a secret that the upstream repeats, as some do of a key that they refuse."""
        body = as_utf8(self._body(response, host), response.charset_encoding)
        for secret in self._secrets:
            if len(secret) >= SHORTEST_SECRET:
                body = body.replace(secret.encode(), MASK.encode())
        return body

    def _body(self, response: httpx2.Response, host: str) -> bytes:
        limits = self._limits
        packed_error = failures.too_large(host, limits.max_body_bytes, "max_body_bytes", "on the wire")
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced[:18]) > limits.max_body_bytes:
            raise packed_error

        def wire() -> Iterator[bytes]:
            for piece in response.iter_raw():
                if response.num_bytes_downloaded > limits.max_body_bytes:
                    raise packed_error
                yield piece

        try:
            return b"".join(unpacked(wire(), response.headers.get("content-encoding", ""), limits.max_decoded_bytes))
        except Oversized:
            raise failures.too_large(host, limits.max_decoded_bytes, "max_decoded_bytes", "unpacked") from None
        except Garbled as error:
            raise Transient(failures.garbled(host, str(error))) from None


def _base_url(text: str) -> tuple[httpx2.URL, bytes]:
    hint = "write it as https://host/path"
    try:
        url = httpx2.URL(text.strip())
    except httpx2.InvalidURL:
        raise SettingsError("the base URL is not a URL", hint) from None
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host):
        raise SettingsError("the base URL is not an http or https URL", hint)
    return url.copy_with(userinfo=b"", fragment=None), url.userinfo


def _below(base: bytes, path: bytes) -> bytes:
    """``path`` (with its query) below the path of ``base``; an empty one is the base itself, query included."""
    if path in (b"", b"/"):
        return base
    if path.startswith(b"/?"):
        return base.partition(b"?")[0] + path[1:]
    return base.partition(b"?")[0].rstrip(b"/") + b"/" + path.lstrip(b"/")


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not name.isascii() or not value.isascii() or not (name + value).isprintable() or value != value.strip():
            raise SettingsError(
                f"the header {ascii(name)[1:41]} holds a character that HTTP forbids",
                "enter the key again, without spaces or line breaks around it",
            )
    return {name.lower(): value for name, value in headers.items()}


def _links(response: httpx2.Response, url: httpx2.URL) -> dict[str, str]:
    found: dict[str, str] = {}
    for rels, link in response.links.items():
        try:
            target = url.join(link["url"])
        except (KeyError, httpx2.InvalidURL, ValueError):
            continue
        if target.scheme in ("http", "https"):
            for rel in (rels or "").lower().split():
                found.setdefault(rel, str(target))
    return found
