"""Parameters that several of these paths have."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from modelcensus.core.times import parse_time
from modelcensus.operations.catalog.public import PublicCatalog

ModelId = Annotated[str, Path(description="The model's id, slashes as they are, such as `openai/gpt-4.1`.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
_CURSOR = r"^(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})$"
AfterEvent = Annotated[
    str | None, Query(pattern=_CURSOR, description="What is newer than this cursor, such as `12-3`, oldest first.")
]
BeforeEvent = Annotated[str | None, Query(pattern=_CURSOR, description="What is older than this cursor.")]


def moment(public: PublicCatalog, text: str | None) -> int | None:
    """A time that was asked for, in microseconds. Raises ``InvalidInput``."""
    return parse_time(text, public.census.now()) if text is not None else None
