"""What the pages can be asked for."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute


def each_route(router: APIRouter) -> Iterator[APIRoute]:
    """Every path of a router, and of the routers in it."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        else:  # a router that was included
            yield from each_route(route.original_router)  # type: ignore[attr-defined]
