"""Who may: dependencies that name the caller of a path, or refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from modelcensus.core.access import ANONYMOUS, Caller, Role
from modelcensus.core.errors import Forbidden, Unauthenticated
from modelcensus.serving.context import context_of
from modelcensus.serving.sessions import COOKIE, is_proof

CALLER = "modelcensus.caller"
"""Member of the scope: whom the front has recognised already."""
PROOF_HEADER = "x-census-proof"
"""How scripts of our pages send what forms send as ``proof``."""
_READS = frozenset({"GET", "HEAD"})


def caller(request: Request) -> Caller:
    """Whoever asks. Raises ``Unauthenticated`` for credentials that are not right; none are right too."""
    known: Caller | None = request.scope.get(CALLER)
    if known is not None:
        return known
    given = request.headers.getlist("authorization")
    if not given and (cookie := request.cookies.get(COOKIE)):
        return _signed_in(request, cookie)
    # Joined as HTTP says: of several, none may win by its place.
    return context_of(request).identity.caller(", ".join(given) if given else None)


def _signed_in(request: Request, cookie: str) -> Caller:
    """Whoever signed in with a browser. Raises ``Forbidden`` for an act that no page of ours asks for."""
    found = context_of(request).sessions.caller(cookie)
    if found is None:
        return ANONYMOUS
    if request.method not in _READS and not is_proof(request.headers.get(PROOF_HEADER, ""), cookie):
        raise Forbidden(
            f"an act of a signed-in browser needs the header '{PROOF_HEADER}'",
            "act from the pages, or send 'Authorization: Bearer' instead of a cookie",
        )
    return found


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
