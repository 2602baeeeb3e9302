"""Signing in and out."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from modelcensus.core.errors import Unauthenticated
from modelcensus.serving.context import Context
from modelcensus.serving.sessions import COOKIE, LASTS
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.forms import Posted, local_path, onward
from modelcensus.web.visitors.visitor import Anyone


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    sessions = context.sessions
    is_public_https = (context.settings.api.public_url or "").startswith("https://")

    @router.get("/login")
    def get_login(request: Request, visitor: Anyone, to: str = "/") -> Response:
        return pages.page(request, visitor, "visitors/login.html", to=local_path(to), refused=None)

    @router.post("/login")
    def post_login(request: Request, visitor: Anyone, form: Posted) -> Response:
        to = local_path(form.one("to"))
        try:
            cookie, session = sessions.begin(form.one("credential"))
        except Unauthenticated as error:
            return pages.page(request, visitor, "visitors/login.html", status=401, to=to, refused=error)
        answer = onward(to, f"Signed in as {session.caller.name}, with the role {session.caller.role.value}.")
        seconds = (session.expires_at - session.created_at) // 1_000_000
        answer.set_cookie(
            COOKIE, cookie, max_age=min(seconds, LASTS // 1_000_000), httponly=True, samesite="lax",
            secure=is_public_https or request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @router.post("/logout")
    def post_logout(request: Request, form: Posted) -> Response:  # noqa: ARG001  # its proof is checked
        if cookie := request.cookies.get(COOKIE):
            sessions.end(cookie)
        answer = onward("/", "Signed out.")
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

    return router


def to_login(request: Request) -> Response:
    """Where a page is sent that needs somebody to sign in: to the login, and back from there."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?to={quote(wanted, safe='')}", 303, {"Cache-Control": "no-store"})
