"""Long lists in leaves: so many rows at once, and links to those before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from fastapi import Query as Parameter
from fastapi import Request

from modelcensus.web.rendering.queries import Query

T = TypeVar("T")
LeafNumber = Annotated[int, Parameter(alias="page", ge=1, le=100_000)]
"""The parameter that numbers leaves, from 1."""


class OpenLeaf(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One leaf of a list whose length nobody counts; ``first`` counts from 1.

    ``earlier`` and ``later`` are addresses, empty at the ends.
    """

    rows: Sequence[T]
    first: int
    earlier: str
    later: str


def open_leaf(request: Request, found: Sequence[T], number: int, size: int) -> OpenLeaf[T]:
    """A leaf of ``found``, which is one row longer than ``size`` where there is more."""
    return OpenLeaf(
        rows=found[:size],
        first=(number - 1) * size + 1,
        earlier=with_query(request, page=number - 1 if number > 2 else None) if number > 1 else "",
        later=with_query(request, page=number + 1) if len(found) > size else "",
    )


def with_query(request: Request, **changes: Any) -> str:
    """The address of this page with other parameters; None takes one away."""
    kept = {**dict(request.query_params), **changes}
    query = urlencode({name: value for name, value in kept.items() if value not in (None, "")})
    return f"?{query}" if query else request.url.path


class Leaf(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list: ``first`` is the number of its first item in the whole list, from 1 on."""

    items: Sequence[T]
    page: int
    pages: int
    first: int
    total: int


def leaf(found: Sequence[T], query: Query, size: int) -> Leaf[T]:
    """The page of a list that is asked for; the last one where there are not so many."""
    pages = max(1, -(-len(found) // size))
    page = min(query.number("page") or 1, pages)
    start = (page - 1) * size
    return Leaf(items=found[start : start + size], page=page, pages=pages, first=start + 1, total=len(found))
