"""Who asks: credentials become a caller."""

from __future__ import annotations

from modelcensus.core.access import ANONYMOUS, Caller
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings


class Identity:
    """Knows callers by their credentials."""

    def __init__(self, census: Census, access: AccessSettings) -> None:
        self._census = census
        self._access = access

    def caller(self, authorization: str | None) -> Caller:
        """Who sends this ``Authorization`` header; nobody sends none. Raises ``Unauthenticated``."""
        return ANONYMOUS
