"""Cursors: where a page of entities ended, and the time that all pages of one listing show."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from modelcensus.core.errors import InvalidInput
from modelcensus.core.records import Version

T = TypeVar("T")


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The last entity of a page, and the time in microseconds as of which it was listed."""

    time: int
    source: str
    category: str
    key: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Source, category and key of that entity."""
        return self.source, self.category, self.key


def written(time: int, version: Version) -> str:
    """The cursor of a page that ends with ``version``, as text for a URL."""
    return packed(Cursor(time, version.source, version.category, version.key))


def read(text: str) -> Cursor:
    """The cursor that ``written`` wrote. Raises ``InvalidInput``."""
    return unpacked(text, Cursor)


def packed(place: object) -> str:
    """Where a page ended, whatever says so, as text for a URL."""
    return urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def unpacked(text: str, kind: type[T]) -> T:
    """What ``packed`` packed. Raises ``InvalidInput``."""
    try:
        return msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
    except (ValueError, UnicodeError, RecursionError) as error:
        raise InvalidInput(
            "the cursor cannot be read", "give back 'next' of the page before as it was, or start without one"
        ) from error
