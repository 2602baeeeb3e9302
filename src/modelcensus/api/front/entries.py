"""Ready answers: bytes that need only be sent, the packed forms of them, and the bounded place where they are kept."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import NamedTuple

from modelcensus.api.front.encodings import IDENTITY, SMALLEST, packed
from modelcensus.core.catalog.edition import Edition, Stamp
from modelcensus.core.catalog.model import Tier

Headers = list[tuple[bytes, bytes]]
_OWN = frozenset(
    {
        b"content-length",
        b"content-encoding",
        b"etag",
        b"vary",
        b"transfer-encoding",
        b"date",
        b"server",
        b"connection",
        b"x-data-age",
    }
)
"""Headers of the framework's answer that are made anew for each form of it."""
_SNIFF = (b"x-content-type-options", b"nosniff")
SECURITY: Headers = [
    _SNIFF,
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
"""Headers of every answer that a browser may show; of JSON only that it must be taken as such."""
_DAY = 86_400_000_000
_LASTING = frozenset(
    {b"cache-control", b"expires", b"content-location", b"last-modified", b"x-census-revision", b"x-census-stale"}
)
"""Headers that a 304 repeats."""
_VARY = (b"vary", b"Accept-Encoding, Authorization")


class Key(NamedTuple):
    """What an answer depends on beside the edition."""

    path: str
    query: bytes
    tier: Tier


class Issue:
    """What must be known of an edition to answer from it; compared by identity.

    It ends with the edition, and with the day: what is due to retire is asked of today's date.
    """

    __slots__ = ("fallback", "observed_at", "open", "stamp", "until")

    def __init__(self, edition: Edition, now: int) -> None:
        self.stamp: Stamp = edition.stamp
        midnight = (now // _DAY + 1) * _DAY
        self.until = midnight if edition.until is None else min(midnight, edition.until)
        self.observed_at = edition.observed_at
        self.open = edition.open
        self.fallback = edition.fallback


class Form:
    """An answer in one encoding: its headers, and those of the 304 that stands for it.

    A 304 repeats no more than it must: a client keeps the other headers (RFC 9110, 15.4.5).
    """

    __slots__ = ("body", "headers", "tag", "unchanged")

    def __init__(self, body: bytes, tag: bytes, encoding: str, kept: Headers, more: Headers) -> None:
        self.body = body
        self.tag = tag
        coded = [] if encoding == IDENTITY else [(b"content-encoding", encoding.encode())]
        is_json = (b"content-type", b"application/json") in kept
        own = [*coded, (b"etag", tag), _VARY, *more, *([_SNIFF] if is_json else SECURITY)]
        self.headers: Headers = [*kept, (b"content-length", b"%d" % len(body)), *own]
        lasting = [pair for pair in kept if pair[0] in _LASTING]
        self.unchanged: Headers = [*lasting, (b"etag", tag), _VARY, *more]


class Entry:
    """The answer to one key from one issue.

    ``observed_at``: when upstream was last read, in microseconds, 0 if that is not known. ``asked`` counts how often it
    was given. ``shared``: another process has made it.
    """

    __slots__ = (
        "asked", "body", "digest", "forms", "issue", "kept", "key", "modified", "more", "observed_at", "route",
        "shared", "size",
    )  # fmt: skip

    def __init__(
        self, key: Key, issue: Issue, body: bytes, headers: Headers, route: str, observed_at: int | None = None
    ) -> None:
        self.key = key
        self.issue = issue
        self.body = body
        self.observed_at = issue.observed_at if observed_at is None else observed_at
        said = dict(headers)
        self.modified = said.get(b"last-modified")
        self.kept = [pair for pair in headers if pair[0].lower() not in _OWN]
        self.digest = hashlib.blake2b(body, digest_size=12).hexdigest()
        self.route = route
        self.more: Headers = []
        if b"x-census-revision" not in said:
            self.more.append((b"x-census-revision", b"%d" % issue.stamp.revision))
        if issue.fallback and b"as_of=" not in key.query:
            self.more.append((b"x-census-fallback", issue.fallback.encode()))
        self.forms: dict[str, Form] = {}
        self.asked = 0
        self.shared = False
        self.size = 2 * len(body) + 2000

    def form(self, encoding: str) -> Form:
        """The answer in an encoding, packed now unless it was before. It may take a while."""
        found = self.forms.get(encoding)
        if found is None and len(self.body) < SMALLEST and encoding != IDENTITY:
            found = self.forms[encoding] = self.form(IDENTITY)
        if found is None:
            suffix = "" if encoding == IDENTITY else f"-{encoding}"
            body = packed(encoding, self.body)
            found = Form(body, f'"{self.digest}{suffix}"'.encode(), encoding, self.kept, self.more)
            self.forms[encoding] = found
        return found


class Entries:
    """The latest answer to each key, at most so many bytes of them: what was not asked for longest goes first.

    ``size`` of an entry counts its plain body twice, which covers all its packed forms.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The latest answer to a key, of whichever issue."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, entry: Entry) -> None:
        """Keep an answer in the place of the one before; one that would fill half of the room is not kept."""
        if entry.size > self._most // 2:
            return
        before = self._entries.pop(entry.key, None)
        if before is not None:
            self.size -= before.size
        self._entries[entry.key] = entry
        self.size += entry.size
        while self.size > self._most:
            _, oldest = self._entries.popitem(last=False)
            self.size -= oldest.size

    def hottest(self, most: int) -> list[Entry]:
        """Those most asked for since they were made, first the hottest."""
        asked = [each for each in self._entries.values() if each.asked > 0]
        return sorted(asked, key=lambda each: -each.asked)[:most]
