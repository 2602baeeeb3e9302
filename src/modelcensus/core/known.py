"""What a typed record of an adapter says of an upstream's fields: which there are, and of which JSON types."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec
from msgspec import inspect

from modelcensus.core.shape import (
    ARRAY,
    BOOLEAN,
    MAX_DEPTH,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    element_path,
    member_path,
    parent_path,
)

_SCALARS: dict[type[inspect.Type], frozenset[str]] = {
    inspect.NoneType: frozenset({NULL}),
    inspect.BoolType: frozenset({BOOLEAN}),
    inspect.IntType: frozenset({NUMBER}),
    inspect.FloatType: frozenset({NUMBER}),
    inspect.DecimalType: frozenset({NUMBER, STRING}),
    inspect.StrType: frozenset({STRING}),
    inspect.DateTimeType: frozenset({STRING}),
    inspect.DateType: frozenset({STRING}),
    inspect.TimeType: frozenset({STRING}),
    inspect.UUIDType: frozenset({STRING}),
}
_NAMES: dict[type, str] = {bool: BOOLEAN, int: NUMBER, float: NUMBER, str: STRING, type(None): NULL}


class Known(msgspec.Struct, frozen=True):
    """The fields that a record knows.

    ``types``: JSON types by path; ``anything``: paths where the record takes whatever comes, and whatever lies below;
    ``maps``: paths of objects whose members' names are data.
    """

    types: Mapping[str, frozenset[str]]
    anything: frozenset[str]
    maps: frozenset[str]

    def has(self, path: str) -> bool:
        """Whether the record knows the path."""
        return path in self.types or self._open(path)

    def expected(self, path: str) -> frozenset[str] | None:
        """The types that it knows there; None where it takes any, or does not know the path."""
        return None if self._open(path) else self.types.get(path)

    def _open(self, path: str) -> bool:
        while path:
            if path in self.anything:
                return True
            path = parent_path(path)
        return False


def known_fields(record: type[msgspec.Struct]) -> Known:
    """The fields of a record and of the records inside it, by the names under which upstream sends them."""
    types: dict[str, set[str]] = {}
    anything: set[str] = set()
    maps: set[str] = set()

    def read(kind: inspect.Type, path: str, depth: int) -> None:
        if isinstance(kind, inspect.Metadata):
            read(kind.type, path, depth)
        elif isinstance(kind, inspect.UnionType):
            for each in kind.types:
                read(each, path, depth)
        elif depth > MAX_DEPTH or isinstance(kind, (inspect.AnyType, inspect.RawType, inspect.CustomType)):
            anything.add(path)
        elif isinstance(kind, inspect.StructType):
            types.setdefault(path, set()).add(OBJECT)
            for field in kind.fields:
                read(field.type, member_path(path, field.encode_name), depth + 1)
        elif isinstance(kind, inspect.DictType):
            types.setdefault(path, set()).add(OBJECT)
            maps.add(path)
            read(kind.value_type, member_path(path, "*", True), depth + 1)
        elif isinstance(kind, inspect.CollectionType | inspect.TupleType):
            types.setdefault(path, set()).add(ARRAY)
            items = kind.item_types if isinstance(kind, inspect.TupleType) else (kind.item_type,)
            for item in items:
                read(item, element_path(path), depth + 1)
        else:
            types.setdefault(path, set()).update(_scalar(kind))

    read(inspect.type_info(record), "", 0)
    types.pop("", None)
    return Known({path: frozenset(names) for path, names in types.items()}, frozenset(anything), frozenset(maps))


def _scalar(kind: inspect.Type) -> frozenset[str]:
    if isinstance(kind, inspect.LiteralType):
        return frozenset(_NAMES[type(value)] for value in kind.values)
    if isinstance(kind, inspect.EnumType):
        return frozenset(_NAMES.get(type(_plain(member)), STRING) for member in kind.cls)
    return _SCALARS.get(type(kind), frozenset({STRING}))


def _plain(member: Enum) -> object:
    return member.value
