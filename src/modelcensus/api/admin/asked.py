"""Parameters and words that several paths of administration share. No text holds a NUL: the databases cannot."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import Path, Query

from modelcensus.api.problems import MEDIA_TYPE

_LONGEST = 1000
STORABLE: dict[str, Any] = {"max_length": _LONGEST, "pattern": r"^[^\x00]*$"}
"""What a text of a parameter must be."""

Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
After = Annotated[str | None, Query(max_length=2000, description="`next` of the page before.")]
AfterNumber = Annotated[int | None, Query(ge=0, le=2**53, description="`next` of the page before.")]
Source = Annotated[str | None, Query(description="Only this source.", **STORABLE)]
Model = Annotated[str | None, Query(description="Only this model.", **STORABLE)]
Text = Annotated[str, Query(description="A part of an id or name, in any case.", **STORABLE)]
VISIBLE = r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff]"
"""A character that is no white space in any dialect of regular expressions."""
Why = Annotated[str, Query(min_length=1, max_length=2000, pattern=rf"^[^\x00]*{VISIBLE}[^\x00]*$", description="Why.")]
ModelId = Annotated[str, Path(alias="id", description="The model's id, slashes and all.", **STORABLE)]
SourceName = Annotated[str, Path(description="A configured source.", **STORABLE)]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{8,64}$", description="The plan's digest, or its first 8 or more.")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The revision.")]

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=VISIBLE)]
"""Why somebody does something, in a body."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST)]
"""An id or name in a body."""
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def may_be_stale(answers: dict[str, Any]) -> dict[str, Any]:
    """The responses of a path, and that what was reviewed may no longer be what there is."""
    stale = {409: {"description": "The catalog has moved since; `moved` names the models", "content": _PROBLEM}}
    return {**answers, "responses": {**answers["responses"], **stale}}


NEXT = {"description": "`after` of the next page, or null on the last one.", "type": ["string", "null"]}
NEXT_NUMBER = {"description": "`after` of the next page, or null on the last one.", "type": ["integer", "null"]}
COUNT = {"type": "integer", "minimum": 0}
