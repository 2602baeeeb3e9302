"""Request bodies: JSON of one declared type, bounded, or a problem that names the place.

A path declares its body twice, once to read and once to tell::

    EditBody = Annotated[Edit, body(Edit)]

    @router.patch("/models/{id:path}", **takes(Edit, one("Edited")))
    def patch_model(request: Request, caller: Curator, id: str, wanted: EditBody) -> Response: ...

The caller's parameter goes first: whoever may not do a thing is told that, and not what is wrong with the body. The
type is a ``msgspec.Struct`` with ``forbid_unknown_fields``, and stands in the room's ``RECORDS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from modelcensus.api.problems import MEDIA_TYPE
from modelcensus.core import canonical
from modelcensus.core.canonical import Malformed
from modelcensus.core.errors import InvalidInput

T = TypeVar("T")
MAX_BYTES = 1024 * 1024
"""A body may have so many bytes."""
MAX_DEPTH = 16
"""Levels of nesting that a body may have."""
JSON = "application/json"
_STEPS = re.compile(r"[^.\[\]`$]+|\.\.\.")
_NESTED = (msgspec.inspect.StructType, msgspec.inspect.DictType, msgspec.inspect.ListType)
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS = {
    413: {"description": f"A body of more than {MAX_BYTES:,} bytes", "content": _PROBLEM},
    415: {"description": f"A body that is not {JSON}", "content": _PROBLEM},
}


def body(kind: type[msgspec.Struct], *, may_be_empty: bool = False) -> Any:
    """A dependency: the request's body as a ``kind``. ``may_be_empty``: no body at all is one with every default."""

    async def read_body(request: Request) -> Any:
        raw = await _read(request)
        if not raw and may_be_empty:
            return kind()
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise HTTPException(415, f"the body must be {JSON}")
        return decoded(raw, kind)

    return Depends(read_body)


def takes(kind: type[msgspec.Struct], answers: dict[str, Any], *, may_be_empty: bool = False) -> dict[str, Any]:
    """What a path says in OpenAPI: its body, and the response that ``schemas.one`` or another one made."""
    schema = {"$ref": f"#/components/schemas/{kind.__name__}"}
    told = {"requestBody": {"required": not may_be_empty, "content": {JSON: {"schema": schema}}}}
    return {**answers, "responses": {**answers["responses"], **_REFUSALS}, "openapi_extra": told}


def decoded(raw: bytes, kind: type[T]) -> T:
    """JSON as a ``kind``. Raises ``InvalidInput`` for text that is none, ``RequestValidationError`` with the place."""
    try:
        value = canonical.decode(raw)
        canonical.encode(value)
    except Malformed as error:
        where = "" if error.fault.place == "$" else f" at {error.fault.place}"
        raise InvalidInput(
            f"the body cannot be read: {error.fault.kind.replace('_', ' ')}{where}",
            "send one JSON document in UTF-8, as /openapi.json describes it",
        ) from error
    if canonical.depth(raw) > MAX_DEPTH:
        raise InvalidInput(f"the body is nested deeper than {MAX_DEPTH} levels", "see /openapi.json for its shape")
    if any("\0" in text for text in _texts(value)):
        raise InvalidInput("the body holds a NUL character", "leave it out: the databases cannot hold it")
    try:
        return msgspec.convert(_plain(value), kind, strict=True)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at ")
        where = place.strip("`").removeprefix("$").removeprefix(".") or "body"
        if what.startswith("Object contains unknown field") and (known := _members(kind, place)):
            what += f"; the fields are: {', '.join(known)}"
        raise RequestValidationError([{"loc": ("body", where), "msg": what, "type": "value_error"}]) from error


async def _read(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    parts, size = [], int(announced) if announced.isascii() and announced.isdigit() else 0
    if size <= MAX_BYTES:
        size = 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                break
    if size > MAX_BYTES:
        raise HTTPException(413, f"the body is larger than {MAX_BYTES:,} bytes")
    return b"".join(parts)


def _members(kind: Any, place: str) -> list[str]:
    """The members that an object may have at a place such as ``$.edits[...].price``."""
    here = msgspec.inspect.type_info(kind)
    for name in _STEPS.findall(place):
        if isinstance(here, msgspec.inspect.StructType):
            here = next((field.type for field in here.fields if field.encode_name == name), here)
        elif isinstance(here, msgspec.inspect.DictType):
            here = here.value_type
        elif isinstance(here, msgspec.inspect.ListType):
            here = here.item_type
        if isinstance(here, msgspec.inspect.UnionType):
            here = next((each for each in here.types if isinstance(each, _NESTED)), here)
    return [field.encode_name for field in here.fields] if isinstance(here, msgspec.inspect.StructType) else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _texts(member)


def _plain(value: Any) -> Any:
    """Numbers with a fraction as floats: money is decimal text in every body, so that none is lost."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return value
