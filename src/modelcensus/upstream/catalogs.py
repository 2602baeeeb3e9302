"""Whole catalogs to play: a paged listing of any size, and recorded files one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from modelcensus.upstream.faults import Fault
from modelcensus.upstream.play import Play, Received
from modelcensus.upstream.shaping import unpack_file

RECORDED_ENDINGS = (".json", ".json.gz", ".json.zst")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A listing in pages, shaped like OpenRouter's: ``{"data": [...], "links": {"next": URL}, "total_count": N}``.

    ``entity(index)`` makes the JSON of one entity when its page is asked for, so millions need no memory. ``limit`` is
    the page size where the query says none, ``max_limit`` the greatest it may say. It misbehaves on request:
    ``ends_at`` ends the listing after that many entities without a next page; ``duplicate_every`` sends each n-th
    entity twice; ``shift`` moves every later page by that many entities (positive: some are left out; negative: some
    come again), as when rows vanish or appear between two pages; ``fault`` strikes every page from ``fault_from`` on.
    """

    count: int
    entity: Callable[[int], bytes]
    limit: int = 1000
    max_limit: int = 10_000
    ends_at: int | None = None
    duplicate_every: int | None = None
    shift: int = 0
    fault: Fault | None = None
    fault_from: int = 0
    conditional: bool = False
    seconds: float = 1.0

    def __call__(self, request: Received) -> Play:
        """The play for the page that ``request`` asks for with ``offset`` and ``limit``."""
        offset = request.number("offset", 0)
        strikes = self.fault is not None and offset >= self.fault_from
        return Play(
            self.page, fault=self.fault if strikes else None, conditional=self.conditional, seconds=self.seconds
        )

    def page(self, request: Received) -> bytes:
        """The bytes of that page."""
        offset = request.number("offset", 0)
        limit = max(1, min(request.number("limit", self.limit), self.max_limit))
        end = self.count if self.ends_at is None else min(self.ends_at, self.count)
        first = max(0, offset + self.shift) if offset else 0
        entities: list[bytes] = []
        for index in range(first, min(first + limit, end)):
            entities.append(self.entity(index))
            if self.duplicate_every and index % self.duplicate_every == 0:
                entities.append(entities[-1])
        after = offset + limit
        link = f'{{"next":"{request.base}{request.path}?offset={after}&limit={limit}"}}' if after < end else "{}"
        return b'{"data":[%s],"links":%s,"total_count":%d}' % (b",".join(entities), link.encode(), self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPages:
    """A listing in pages as Hugging Face gives it: a bare array, and ``Link: <...cursor=...>; rel="next"`` beside it.

    ``entity(index)`` makes the JSON of one entity; ``limit`` is the page size where the query says none.
    """

    count: int
    entity: Callable[[int], bytes]
    limit: int = 1000

    def __call__(self, request: Received) -> Play:
        """The play for the page that ``request`` asks for with ``cursor`` and ``limit``; other parameters are kept."""
        asked = dict(parse_qsl(request.query))
        first, limit = request.number("cursor", 0), request.number("limit", self.limit)
        body = b"[%s]" % b",".join(self.entity(n) for n in range(first, min(first + limit, self.count)))
        if first + limit >= self.count:
            return Play(body)
        following = urlencode({**asked, "cursor": first + limit})
        return Play(body, headers={"Link": f'<{request.base}{request.path}?{following}>; rel="next"'})


def recorded(folder: Path | str, *, endings: Sequence[str] = RECORDED_ENDINGS, conditional: bool = True) -> list[Play]:
    """The files of ``folder`` by name (plain, gzip or zstd JSON), one play each, read when played.

    Raises FileNotFoundError if there is none.
    """
    files = sorted(path for path in Path(folder).iterdir() if path.name.endswith(tuple(endings)))
    if not files:
        raise FileNotFoundError(f"no recorded JSON in {Path(folder).name}")
    return [Play(partial(_content, path), conditional=conditional) for path in files]


def _content(path: Path, _request: Received) -> bytes:
    return unpack_file(path.name, path.read_bytes())
