"""An OpenAPI description as people read it: rooms of operations, and shapes with their fields."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from markupsafe import Markup

from modelcensus.web.docs.types import name_of, words

_METHODS = ("get", "post", "put", "patch", "delete")
_ROOMS = {
    "catalog": ("The catalog", "Models as they are published, each as far as the caller's tier sees it."),
    "trends": ("Trends", "How prices and numbers went over time."),
    "feeds": ("Feeds", "The catalog in the forms that other programs already read."),
    "census": ("The record", "What each source said, as it said it, at any time."),
    "syncing": ("Syncing", "Start syncs and follow them; for administrators and clocks."),
    "administration": ("Administration", "Plans, models, names, overrides, tokens and webhooks; needs a role."),
    "noticing": ("Notices", "What people are told."),
    "health": ("Health", "Whether the server and the census are well."),
}
_PLACES = {"path": "in the path", "query": "in the query", "header": "as a header"}


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter, or one field of a shape: its name, its type as marked-up words, and what it means."""

    name: str
    place: str
    type: Markup
    required: bool
    default: str
    about: str


class Answer(msgspec.Struct, frozen=True):
    """One answer of an operation."""

    status: str
    about: str
    type: Markup


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path. ``body`` are the fields of what is sent, ``curl`` is a command that asks it."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Parameter, ...]
    body_type: Markup
    body_about: str
    body: tuple[Parameter, ...]
    answers: tuple[Answer, ...]
    faults: tuple[Answer, ...]
    curl: str


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """Operations that belong together."""

    name: str
    title: str
    about: str
    operations: tuple[Operation, ...]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the API: its fields, or the values that it can be."""

    anchor: str
    name: str
    about: str
    fields: tuple[Parameter, ...]
    values: tuple[str, ...]


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    rooms: tuple[Room, ...]
    shapes: tuple[Shape, ...]


def described(openapi: Mapping[str, Any], address: str) -> Described:
    """The description for readers; ``address`` is what paths stand behind in examples."""
    schemas = openapi.get("components", {}).get("schemas", {})
    rooms: dict[str, list[Operation]] = {name: [] for name in _ROOMS}
    for path, methods in openapi.get("paths", {}).items():
        for method in _METHODS:
            if method in methods:
                given = methods[method]
                tag = next(iter(given.get("tags", ())), "other")
                rooms.setdefault(tag, []).append(_operation(path, method, given, schemas, address))
    return Described(
        rooms=tuple(_room(name, found) for name, found in rooms.items() if found),
        shapes=tuple(_shape(name, schemas[name]) for name in sorted(schemas, key=lambda each: name_of(each).lower())),
    )


def _room(name: str, operations: list[Operation]) -> Room:
    title, about = _ROOMS.get(name, (name.title(), ""))
    return Room(name=name, title=title, about=about, operations=tuple(operations))


def _operation(
    path: str, method: str, given: Mapping[str, Any], schemas: Mapping[str, Any], address: str
) -> Operation:  # fmt: skip
    parameters = tuple(_parameter(each) for each in given.get("parameters", ()))
    sent = _json_of(given.get("requestBody", {}))
    answers = [_answer(status, each) for status, each in given.get("responses", {}).items()]
    return Operation(
        anchor=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=given.get("summary", ""),
        about=_prose(given.get("description", "")),
        parameters=parameters,
        body_type=words(sent) if sent else Markup(),
        body_about=_prose(_resolved(sent, schemas).get("description", "")) if sent else "",
        body=tuple(_fields(_resolved(sent, schemas))) if sent else (),
        answers=tuple(each for each in answers if each.status < "4"),
        faults=tuple(sorted((each for each in answers if each.status >= "4"), key=lambda each: each.status)),
        curl=_curl(path, method, parameters, _example(_resolved(sent, schemas), schemas) if sent else None, address),
    )


def _parameter(given: Mapping[str, Any]) -> Parameter:
    schema = given.get("schema", {})
    return Parameter(
        name=given["name"],
        place=_PLACES.get(given.get("in", ""), ""),
        type=words(schema),
        required=bool(given.get("required")),
        default=_default(schema),
        about=_prose(given.get("description", "")),
    )


def _fields(schema: Mapping[str, Any]) -> Iterator[Parameter]:
    needed = schema.get("required", ())
    for name, given in schema.get("properties", {}).items():
        yield Parameter(
            name=name, place="", type=words(given), required=name in needed, default=_default(given),
            about=_prose(given.get("description", "")),
        )  # fmt: skip


def _shape(name: str, schema: Mapping[str, Any]) -> Shape:
    return Shape(
        anchor=f"shape-{name}", name=name_of(name), about=_prose(schema.get("description", "")),
        fields=tuple(_fields(schema)), values=tuple(str(each) for each in schema.get("enum", ())),
    )  # fmt: skip


def _answer(status: str, given: Mapping[str, Any]) -> Answer:
    content = given.get("content", {})
    kinds = " or ".join(content)
    schema: Mapping[str, Any] = next((each.get("schema", {}) for each in content.values()), {})
    return Answer(status, given.get("description", ""), words(schema) if schema else Markup("{}").format(kinds))


def _json_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return found


def _default(schema: Mapping[str, Any]) -> str:
    value = schema.get("default")
    return "" if value is None else msgspec.json.encode(value).decode().strip('"')


def _prose(text: str) -> str:
    """Docstrings are folded, and mark names by backticks."""
    return " ".join(text.split()).replace("`", "")


def _example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """A body with the fields that must be there."""
    needed = schema.get("required") or list(schema.get("properties", {}))[:1]
    fields = schema.get("properties", {})
    return msgspec.json.encode({name: _sample(_resolved(fields.get(name, {}), schemas)) for name in needed}).decode()


def _sample(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    samples: dict[str, Any] = {"array": [], "object": {}, "boolean": True, "integer": 1, "number": 1}
    return samples.get(str(schema.get("type")), "...")


def _curl(path: str, method: str, parameters: tuple[Parameter, ...], body: str | None, address: str) -> str:
    query = "&".join(f"{each.name}=..." for each in parameters if each.required and "query" in each.place)
    address = address + path.replace("{", "").replace("}", "") + (f"?{query}" if query else "")
    parts = ["curl", *(("-X", method.upper()) if method != "get" else ()), shlex.quote(address)]
    if "/cron/" in path:
        parts.append('-H "Authorization: Bearer $CRON_SECRET"')
    elif "/admin/" in path or path == "/api/me":
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if body is not None:
        parts += ["-H 'Content-Type: application/json'", "-d", shlex.quote(body)]
    return " ".join(parts)
