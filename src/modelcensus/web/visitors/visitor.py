"""Whoever looks at a page, and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from fastapi import Depends, Request

from modelcensus.core.access import ANONYMOUS, Caller, Role
from modelcensus.core.errors import Forbidden, Unauthenticated
from modelcensus.serving.context import context_of
from modelcensus.serving.guard import caller
from modelcensus.serving.sessions import COOKIE, proof_of


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """A caller before a browser. ``proof`` goes into every form, empty for who has not signed in."""

    caller: Caller
    proof: str = ""

    @property
    def may_look(self) -> bool:
        """Whether they see administration."""
        return self.caller.role.reaches(Role.VIEWER)

    @property
    def may_curate(self) -> bool:
        """Whether they edit models, names and overrides, and decide plans."""
        return self.caller.role.reaches(Role.CURATOR)

    @property
    def may_administer(self) -> bool:
        """Whether they start syncs, and keep tokens."""
        return self.caller.role.reaches(Role.ADMIN)


def visitor(request: Request) -> Visitor:
    """Whoever asks for a page; the form of an act is checked where it is read. Raises ``Unauthenticated``."""
    cookie = cookie_of(request)
    if cookie is None:
        return Visitor(caller=caller(request))
    found = context_of(request).sessions.caller(cookie)
    return Visitor(caller=found, proof=proof_of(cookie)) if found is not None else Visitor(caller=ANONYMOUS)


def cookie_of(request: Request) -> str | None:
    """The session's cookie, where it is what speaks for the caller: a header with a credential goes before it."""
    return None if "authorization" in request.headers else request.cookies.get(COOKIE)


def needs(role: Role) -> Callable[[Request], Visitor]:
    """A dependency: the visitor, who must have this role. Raises ``Unauthenticated``, ``Forbidden``."""

    def allowed(request: Request) -> Visitor:
        found = visitor(request)
        if not found.caller.known:
            raise Unauthenticated("sign in to see this page", "with ADMIN_TOKEN, an API token or a JWT")
        if not found.caller.role.reaches(role):
            raise Forbidden(
                f"{found.caller.name} may not do this: it needs the role {role.value}", "ask an administrator for it"
            )
        return found

    return allowed


Anyone = Annotated[Visitor, Depends(visitor)]
Viewer = Annotated[Visitor, Depends(needs(Role.VIEWER))]
Curator = Annotated[Visitor, Depends(needs(Role.CURATOR))]
Admin = Annotated[Visitor, Depends(needs(Role.ADMIN))]
"""Parameters of pages: the visitor, who has the role."""
