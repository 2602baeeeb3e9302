"""A CSV table as entities: one a row, named by the column ``id``; dotted column names make nested objects.

The dialect is RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180): commas, double quotes, UTF-8, a header row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Slice, Split, key_problem

ID = "id"
MAX_NESTING = 16
"""Parts that a dotted column name may have."""

_BOM = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
_BOOLEANS = {"true": True, "false": False}
# Bytes that are no UTF-8 come as these, so that one bad cell spoils one row and not the table.
_NOT_UTF8 = re.compile("[\udc80-\udcff]")

Row = tuple[str, list[str] | str]
"""A record's own text, and its cells or the reason why it has none."""


def header_problem(body: bytes) -> str | None:
    """Why the first record cannot be a header, or None if it can."""
    _, found = next(_rows(body), ("", []))
    return found if isinstance(found, str) else _problem_of(_stripped(found))


def split(body: bytes) -> Split:
    """The rows of a table. A last row that has no line end and too few cells is half written: then it is truncated."""
    rows = _rows(body)
    _, header = next(rows, ("", []))
    problem = header if isinstance(header, str) else _problem_of(_stripped(header))
    if problem or isinstance(header, str):
        return Split(faults=[Fault(FaultKind.WRONG_TOP_LEVEL, f"CSV: {problem}", body[:4096])], truncated=True)
    columns = _stripped(header)
    paths = [tuple(name.split(".")) for name in columns]
    found = Split()
    for number, (text, cells) in enumerate(rows, start=2):
        item = _entity(text, cells, columns, paths, f"row {number}")
        if isinstance(item, Slice):
            found.slices.append(item)
        else:
            found.faults.append(item)
            found.truncated |= item.kind is FaultKind.TRUNCATED
    return found


def _rows(body: bytes) -> Iterator[Row]:
    """The records that are not blank, the header first."""
    text = body.removeprefix(_BOM).decode("utf-8", "surrogateescape")
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in _LINE.finditer(text):
            taken.append(line[0])
            yield line[0]

    reader = csv.reader(lines(), strict=True)
    while True:
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield "".join(taken), str(error)
            continue
        if any(cell.strip() for cell in cells):
            yield "".join(taken), cells


def _stripped(cells: list[str]) -> list[str]:
    return [cell.strip() for cell in cells]


def _problem_of(columns: list[str]) -> str | None:
    if not columns:
        return "there is no header"
    if any(_NOT_UTF8.search(name) or "\0" in name for name in columns):
        return "the header is not UTF-8 text"
    if ID not in columns:
        return f"no column is named '{ID}' (columns are separated by commas)"
    if "" in columns:
        return f"column {columns.index('') + 1} has no name"
    if twice := [name for name in columns if columns.count(name) > 1]:
        return f"the column '{twice[0]}' comes twice"
    known = set(columns)
    for name in columns:
        parts = name.split(".")
        if "" in parts or len(parts) > MAX_NESTING:
            return f"the column '{name}' has empty parts, or more than {MAX_NESTING}"
        if outer := [".".join(parts[:end]) for end in range(1, len(parts)) if ".".join(parts[:end]) in known]:
            return f"the column '{outer[0]}' is a value, and also holds '{name}'"
    return None


def _entity(
    text: str, cells: list[str] | str, columns: list[str], paths: list[tuple[str, ...]], place: str
) -> Slice | Fault:
    raw = text.encode("utf-8", "surrogateescape")
    cut = not text.endswith(("\n", "\r"))
    if isinstance(cells, str):
        return Fault(FaultKind.TRUNCATED if cut else FaultKind.NOT_AN_OBJECT, f"{place}: {cells}", raw, "model")
    cells = _stripped(cells)
    # Where cells are missing or too many, only the first one is known to stand in its own column.
    name = cells[columns.index(ID)] if len(cells) == len(columns) or columns[0] == ID else None
    key = None if key_problem(name) else name
    if "\0" in text or _NOT_UTF8.search(text):
        return Fault(FaultKind.INVALID_UTF8, f"{place}: NUL, or not UTF-8", raw, "model", key)
    if len(cells) != len(columns):
        kind = FaultKind.TRUNCATED if cut and len(cells) < len(columns) else FaultKind.NOT_AN_OBJECT
        return Fault(kind, f"{place}: {len(cells)} cells in {len(columns)} columns", raw, "model", key)
    if cells == columns:
        return Fault(FaultKind.NOT_AN_OBJECT, f"{place}: the header again", raw, "model")
    if key is None:
        return Fault(FaultKind.BAD_KEY, f"{place}: {key_problem(name)}", raw, "model")
    return Slice("model", key, _json(cells, paths))


def _json(cells: list[str], paths: list[tuple[str, ...]]) -> bytes:
    entity: dict[str, Any] = {}
    for path, cell in zip(paths, cells, strict=True):
        if not cell:
            continue
        inner = entity
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = cell if path == (ID,) else _value(cell)
    return msgspec.json.encode(entity)


def _value(cell: str) -> Any:
    if _NUMBER.fullmatch(cell):
        # As written: a price must not pass through a binary float.
        return msgspec.Raw(cell.encode())
    return _BOOLEANS.get(cell.lower(), cell)
