"""Who may: dependencies that name the caller of a path, or refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from modelcensus.api.context import context_of
from modelcensus.core.access import Caller, Role
from modelcensus.core.errors import Forbidden, Unauthenticated

CALLER = "modelcensus.caller"
"""Member of the scope: whom the front has recognised already."""


def caller(request: Request) -> Caller:
    """Whoever asks. Raises ``Unauthenticated`` for credentials that are not right; none are right too."""
    known: Caller | None = request.scope.get(CALLER)
    if known is not None:
        return known
    given = request.headers.getlist("authorization")
    # Joined as HTTP says: of several, none may win by its place.
    return context_of(request).identity.caller(", ".join(given) if given else None)


Anyone = Annotated[Caller, Depends(caller)]
"""A parameter of a path that answers everybody, each by their tier."""


def needs(role: Role) -> Callable[[Request], Caller]:
    """A dependency: the caller, who must have this role. Raises ``Unauthenticated``, ``Forbidden``."""

    def allowed(request: Request) -> Caller:
        found = caller(request)
        if not found.known:
            raise Unauthenticated(
                "this needs credentials",
                "send 'Authorization: Bearer' with ADMIN_TOKEN, an API token or an administrator's JWT",
            )
        if not found.role.reaches(role):
            raise Forbidden(f"{found.name} may not do this: it needs the role {role.value}", "ask an administrator")
        return found

    return allowed


Viewer = Annotated[Caller, Depends(needs(Role.VIEWER))]
Curator = Annotated[Caller, Depends(needs(Role.CURATOR))]
Admin = Annotated[Caller, Depends(needs(Role.ADMIN))]
"""Parameters of administration's paths: the caller, who has the role."""
