"""What the HTTP client is given and what it gives back: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """How long, how much and how often; seconds and bytes.

    ``total_seconds`` bounds one whole attempt, redirects and body included, however slowly the bytes drip.
    ``max_body_bytes`` counts bytes on the wire, ``max_decoded_bytes`` the bytes after gzip, br or zstd.
    A ``Retry-After`` above ``retry_after_max`` ends the request at once instead of waiting.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    total_seconds: float = 300.0
    max_body_bytes: int = 64 * MIB
    max_decoded_bytes: int = 256 * MIB
    max_redirects: int = 5
    attempts: int = 4
    backoff_initial: float = 0.5
    backoff_max: float = 30.0
    retry_after_max: float = 120.0


@dataclass(frozen=True, slots=True)
class Validators:
    """What an upstream gave to recognise this very answer again (``ETag``, ``Last-Modified``), as it was sent."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One complete answer.

    ``url`` is where the answer came from after redirects, with secrets masked. ``body`` is unpacked and, where the
    upstream declared another known charset, re-coded to UTF-8; it is empty when ``not_modified``.
    ``links`` maps each ``rel`` of the ``Link`` header to an absolute http(s) URL.
    """

    url: str
    status: int
    body: bytes
    content_type: str | None = None
    validators: Validators = Validators()
    not_modified: bool = False
    links: dict[str, str] = field(default_factory=dict)
