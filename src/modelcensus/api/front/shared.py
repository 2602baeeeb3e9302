"""Ready answers between processes: kept under a name that says all they hang on, so that none can be read too late."""

from __future__ import annotations

import hashlib
import sys

import msgspec

from modelcensus.api.front.entries import Entry, Issue, Key
from modelcensus.operations.catalog import editions
from modelcensus.operations.keeping import Keeper
from modelcensus.settings import Settings
from modelcensus.store.engine import Store
from modelcensus.version import __version__

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_SECONDS = 86_400
_LARGEST = 16 * 1024 * 1024


class _Kept(msgspec.Struct, array_like=True):
    body: bytes
    headers: list[tuple[bytes, bytes]]
    route: str
    observed_at: int


_decoder = msgspec.msgpack.Decoder(_Kept)


class Shared:
    """Entries in a keeper; without one it finds nothing (``used`` is False). It never fails.

    A name is made of the program's version, the settings that matter, the history (by links of its hash chains), the
    edition's stamp and end, and the key.
    """

    def __init__(self, keeper: Keeper | None, store: Store, settings: Settings) -> None:
        self._keeper = keeper
        self._store = store
        said = (
            __version__, settings.access.mode, settings.api.public_url, settings.host, settings.port, settings.catalog,
            settings.native_filter,
        )  # fmt: skip
        self._ours = repr(said)
        self._trails: tuple[Issue, str | None] | None = None
        self.used = keeper is not None

    def find(self, key: Key, issue: Issue) -> Entry | None:
        """The entry that some process has put there. It asks the network."""
        name = self._name(key, issue)
        if self._keeper is None or name is None:
            return None
        packed = self._keeper.get(name)
        if packed is None:
            return None
        try:
            kept = _decoder.decode(zstd.decompress(packed))
        except (msgspec.DecodeError, zstd.ZstdError):
            return None
        found = Entry(key, issue, kept.body, kept.headers, kept.route, kept.observed_at)
        found.shared = True
        return found

    def put(self, entry: Entry) -> None:
        """Give an entry to others. It asks the network."""
        name = self._name(entry.key, entry.issue)
        if self._keeper is None or name is None or len(entry.body) > _LARGEST:
            return
        kept = msgspec.msgpack.encode(_Kept(entry.body, entry.kept, entry.route, entry.observed_at))
        self._keeper.put(name, zstd.compress(kept, level=6), _SECONDS)

    def close(self) -> None:
        """Let go of the keeper."""
        if self._keeper is not None:
            self._keeper.close()

    def _name(self, key: Key, issue: Issue) -> str | None:
        if issue.fallback is not None:
            return None
        if self._trails is None or self._trails[0] is not issue:
            self._trails = (issue, editions.trail(self._store, issue.stamp))
        trail = self._trails[1]
        if trail is None:
            return None
        told = repr((self._ours, trail, issue.stamp, issue.until, issue.open, tuple(key)))
        return f"modelcensus:ready:{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()}"
