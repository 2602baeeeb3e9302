"""Rooms become one router."""

from __future__ import annotations

from fastapi import APIRouter


def join(whole: APIRouter, part: APIRouter) -> None:
    """Let ``whole`` answer the paths of ``part`` too, as they are.

    Including a router builds each of its routes a second time, which takes half of a server's start; it is for routers
    that are to be given a prefix or dependencies.
    """
    whole.routes.extend(part.routes)
