"""What the API answers, for /openapi.json: the records' own types, with times as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from modelcensus.api.problems import MEDIA_TYPE, Problem
from modelcensus.core.document import EPOCHS, is_time
from modelcensus.core.records import Change, Entity, SourceState, Stats, SyncRecord, Version
from modelcensus.operations.browse import FieldValue

_RECORDS = (Change, Entity, FieldValue, Problem, SourceState, Stats, SyncRecord, Version)
_REF = "#/components/schemas/"
_VERSION = {
    "source": "openrouter", "category": "model", "key": "openai/gpt-4.1", "observed_at": "2026-07-14T06:00:02Z",
    "epoch": "2026-07-14T06:00:00Z", "sync_id": 106, "sha256": "9f2c…", "data": {"id": "openai/gpt-4.1", "context_length": 1047576},  # noqa: E501
}  # fmt: skip
_CHANGE = {
    "kind": "altered", "source": "openrouter", "category": "model", "key": "openai/gpt-4.1",
    "observed_at": "2026-07-14T06:00:02Z", "sync_id": 106,
    "fields": [{"path": "pricing.prompt", "before": "0.0000025", "after": "0.000002"}],
}  # fmt: skip
EXAMPLES: dict[str, Any] = {
    "Version": _VERSION,
    "Entity": {
        "version": _VERSION, "first_observed_at": "2025-05-07T19:57:45Z", "versions": 41, "live": True, "volatile": None,  # noqa: E501
    },
    "Change": _CHANGE,
    "FieldValue": {"observed_at": "2025-05-07T19:57:45Z", "sync_id": 1, "value": "0.000002"},
    "Problem": {
        "type": "about:blank", "status": 404, "title": "there is no entity 'openai/gpt-4.'",
        "detail": "did you mean: openai/gpt-4.1, openai/gpt-4.1-mini",
    },
}  # fmt: skip


def components(more: Iterable[type[msgspec.Struct]] = ()) -> dict[str, Any]:
    """The records as JSON Schema, by name; ``more`` are those of other modules' ``RECORDS``."""
    _, found = msgspec.json.schema_components([*_RECORDS, *more], ref_template=_REF + "{name}")
    schemas = {name: _with_text_times(schema) for name, schema in found.items()}
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
    return schemas


def one(record: str) -> dict[str, Any]:
    """The response of a path that answers one record."""
    return _response({"$ref": _REF + record})


def many(record: str, **beside: dict[str, Any]) -> dict[str, Any]:
    """The response of a path that answers ``{"data": [record, ...]}`` with further members beside it."""
    data = {"type": "array", "items": {"$ref": _REF + record}}
    return _response({"type": "object", "required": ["data", *beside], "properties": {"data": data, **beside}})


def either(record: str, other: str) -> dict[str, Any]:
    """The response of a path that answers a list of the one or of the other."""
    items = {"anyOf": [{"$ref": _REF + record}, {"$ref": _REF + other}]}
    data = {"type": "array", "items": items}
    return _response({"type": "object", "required": ["data"], "properties": {"data": data}})


def one_of(record: str, other: str) -> dict[str, Any]:
    """The response of a path that answers the one record or the other."""
    return _response({"anyOf": [{"$ref": _REF + record}, {"$ref": _REF + other}]})


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": _REF + "Problem"}}}}
    for status, text in {
        400: "A value that cannot be used",
        401: "Credentials that are missing, wrong or expired",
        403: "Credentials of somebody who may not do this",
        404: "Nothing of that name",
        422: "A parameter of the wrong kind",
        503: "The database cannot be used, or a setting that this needs is missing",
    }.items()
}
"""The errors that any path may answer with."""


def _response(schema: dict[str, Any]) -> dict[str, Any]:
    return {"responses": {200: {"description": "OK", "content": {"application/json": {"schema": schema}}}, **PROBLEMS}}


def _with_text_times(schema: dict[str, Any]) -> dict[str, Any]:
    """``document`` turns times into text, so the schema says text."""
    for name, member in schema.get("properties", {}).items():
        if name in EPOCHS or is_time(name):
            text = {"type": "string", "format": "date-time"}
            nullable = {"type": "null"} in member.get("anyOf", ())
            schema["properties"][name] = {"anyOf": [text, {"type": "null"}]} if nullable else text
        elif "contentEncoding" in member:
            # ``document`` writes bytes in hexadecimal.
            schema["properties"][name] = {"type": "string", "pattern": "^[0-9a-f]*$"}
    return schema
