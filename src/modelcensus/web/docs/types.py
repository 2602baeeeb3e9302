"""A JSON schema as a few words, with links to the shapes that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

_MANY = 8


def name_of(reference: str) -> str:
    """The last word of a schema's name: some bear that of their module."""
    return reference.rpartition("/")[2].rpartition(".")[2]


def words(schema: Mapping[str, Any]) -> Markup:
    """What a value is: ``text``, ``list of Model``, ``one of: a, b``."""
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return Markup('<a href="#shape-{}">{}</a>').format(name, name_of(name))
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return Markup(" or ").join(words(each) for each in choices)
    if values := schema.get("enum"):
        more = ", ..." if len(values) > _MANY else ""
        return escape("one of: " + ", ".join(str(each) for each in values[:_MANY]) + more)
    return _by_type(schema)


def _by_type(schema: Mapping[str, Any]) -> Markup:
    kind = schema.get("type", "")
    if isinstance(kind, list):
        return Markup(" or ").join(words({**schema, "type": each}) for each in kind)
    if kind == "array":
        return Markup("list of ") + words(schema.get("items", {}))
    if kind == "object":
        return _object(schema)
    if kind in ("integer", "number"):
        return escape(("whole number" if kind == "integer" else "number") + _range(schema))
    plain = {"string": "text", "boolean": "true or false", "null": "null"}.get(kind, "anything")
    form = schema.get("format")
    return escape(f"{plain}, {form}" if form and plain == "text" else plain)


def _object(schema: Mapping[str, Any]) -> Markup:
    fields = schema.get("properties")
    if fields:
        parts = (Markup("<code>{}</code>: {}").format(name, words(each)) for name, each in list(fields.items())[:_MANY])
        return Markup("an object with ") + Markup(", ").join(parts)
    further = schema.get("additionalProperties")
    return Markup("map of ") + words(further) if isinstance(further, dict) and further else Markup("object")


def _range(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f", {least:,} to {most:,}"
    if least is not None:
        return f", {least:,} or more"
    return "" if most is None else f", at most {most:,}"
