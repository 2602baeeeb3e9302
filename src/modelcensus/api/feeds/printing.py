"""One feed as an answer: its bytes, and what caches and people want to know of them."""

from __future__ import annotations

import hashlib
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from fastapi import Request, Response

from modelcensus.api.schemas import PROBLEMS
from modelcensus.core.times import to_micros
from modelcensus.operations.feeding.publishing import Printed

MAX_REASON = 200
"""Characters of the reasons in a header."""
_SECOND = 1_000_000
_MADE_OF = {"application/json": ["object", "array"]}
"""What a document of a media type is, in JSON Schema's words; text and bytes are a string."""


def printed(request: Request, found: Printed, media_type: str, now: int) -> Response:
    """The answer, or 304 if whoever asks has these bytes already. ``now`` is in microseconds."""
    tag = f'"{hashlib.blake2b(found.body, digest_size=16).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Last-Modified": formatdate(found.made_at // _SECOND, usegmt=True),
        "X-Data-Age": str(max(0, (now - found.observed_at) // _SECOND)),
        "X-Census-Revision": str(found.revision),
        "Cache-Control": "no-cache",
        "Vary": "Authorization, Accept-Encoding",
    }
    if found.stale:
        reasons = "; ".join(found.stale).encode("ascii", "replace").decode()
        headers["X-Census-Stale"] = "".join(each if each.isprintable() else " " for each in reasons)[:MAX_REASON]
    if _is_known(request, tag, found.made_at):
        return Response(status_code=304, headers=headers)
    return Response(found.body, 200, headers, media_type=media_type)


def _is_known(request: Request, tag: str, made_at: int) -> bool:
    """By the tag where one is sent, else by the time (RFC 9110, 13.2.2)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        # A front that packs the bytes may have made the tag a weak one.
        return bool({tag, "*"} & {each.strip().removeprefix("W/") for each in tags.split(",")})
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return made_at // _SECOND <= to_micros(parsedate_to_datetime(since)) // _SECOND
    except (TypeError, ValueError, OverflowError):
        return False


def described(*media_types: str) -> dict[str, Any]:
    """The responses of a feed's path, for /openapi.json."""
    headers = {
        "ETag": ("Of these bytes.", "string"),
        "Last-Modified": ("Since when the feed has these bytes.", "string"),
        "X-Data-Age": ("Seconds since upstream was last read.", "string"),
        "X-Census-Revision": ("The revision of the catalog that it is made of.", "string"),
        "X-Census-Stale": ("Only on an older copy: why the newer one is not published.", "string"),
    }
    kinds = [kind.partition(";")[0] for kind in media_types]
    content = {kind: {"schema": {"type": _MADE_OF.get(kind, "string")}} for kind in kinds}
    told = {name: {"description": text, "schema": {"type": kind}} for name, (text, kind) in headers.items()}
    return {
        "response_class": Response,
        "responses": {
            200: {"description": "The feed", "headers": told, "content": content},
            304: {"description": "These bytes are known"},
            **PROBLEMS,
        },
    }
