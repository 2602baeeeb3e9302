"""Bytes by key in Upstash's Redis over HTTP: each command is a JSON array that is posted with a Bearer token.

https://upstash.com/docs/redis/features/restapi
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable

import httpcore2
import httpx2
import msgspec

from modelcensus.core.errors import KeyRefused, SettingsError, SourceError, TooLarge, Unreachable, UpstreamBroken
from modelcensus.sources.http.client import USER_AGENT

_MOST_READ = 64 * 1024 * 1024


class Upstash:
    """Keeps bytes for a while; safe to use from several threads. Raises ``SettingsError`` for an unusable URL."""

    def __init__(self, url: str, token: str, *, seconds: float) -> None:
        parsed = httpx2.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise SettingsError("the setting cache.upstash_url is no http(s) address", "copy it from Upstash's console")
        self._url = httpcore2.URL(
            scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path or b"/"
        )
        self._headers = [
            (b"Host", parsed.netloc), (b"User-Agent", USER_AGENT.encode()), (b"Content-Type", b"application/json"),
            (b"Authorization", f"Bearer {token}".encode()),
        ]  # fmt: skip
        self._timeout = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
        self._pool = httpcore2.ConnectionPool(max_connections=8, keepalive_expiry=30)

    def get(self, key: str) -> bytes | None:
        """What is kept under a key. Raises ``SourceError``."""
        found = self._command("GET", key)
        try:
            return None if found is None else b64decode(found, validate=True)
        except ValueError as error:
            raise UpstreamBroken("Upstash gave what was never kept there", "clear its database") from error

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for so many seconds. Raises ``SourceError``."""
        self._command("SET", key, b64encode(value).decode(), "EX", str(seconds))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def _command(self, *words: str) -> str | None:
        body = msgspec.json.encode(words)
        request = httpcore2.Request(
            "POST", self._url, headers=[*self._headers, (b"Content-Length", str(len(body)).encode())], content=body,
            extensions={"timeout": self._timeout},
        )  # fmt: skip
        try:
            response = self._pool.handle_request(request)
            try:
                text = _read(response)
            finally:
                response.close()
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise Unreachable(f"Upstash does not answer: {type(error).__name__}", "check cache.upstash_url") from None
        return _result(response.status, text)


def _read(response: httpcore2.Response) -> bytes:
    text = b""
    if not isinstance(response.stream, Iterable):
        raise TypeError("the pool gave a body that cannot be read here")
    for part in response.stream:
        text += part
        if len(text) > _MOST_READ:
            raise TooLarge("Upstash's answer is too large", "clear its database")
    return text


def _result(status: int, text: bytes) -> str | None:
    if status in (401, 403):
        raise KeyRefused("Upstash refuses the token", "check cache.upstash_token")
    try:
        said = msgspec.json.decode(text)
    except msgspec.DecodeError:
        said = None
    if status != 200 or not isinstance(said, dict) or "result" not in said:
        raise UpstreamBroken(f"Upstash answered {status} without a result", "see its console")
    result = said["result"]
    if result is not None and not isinstance(result, str):
        raise SourceError("Upstash's result is no text", "check cache.upstash_url")
    return result
