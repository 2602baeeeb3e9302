"""Who is told of what, and webhooks."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import CensusError, InvalidInput, NotFound, SettingsError
from modelcensus.core.webhook import DeliveryState
from modelcensus.operations.noticing import desk
from modelcensus.operations.noticing.noticing import Tried, try_targets
from modelcensus.operations.webhooks import registering
from modelcensus.serving.context import Context
from modelcensus.web.rendering.leaves import LeafNumber, open_leaf
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.forms import Posted, onward
from modelcensus.web.visitors.visitor import Admin, Viewer

_PATH = "/admin/notices"
_INCIDENTS = 25
_DELIVERIES = 25


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(prefix=_PATH, include_in_schema=False)
    census, settings = context.census, context.settings

    @router.get("")
    def get_notices(request: Request, visitor: Viewer, number: LeafNumber = 1) -> Response:
        try:
            told, wrong = desk.desk(census, settings.notices), None
        except SettingsError as error:
            told, wrong = desk.Desk(rules=(), targets=()), error
        found = desk.incidents(census, limit=_INCIDENTS + 1, offset=(number - 1) * _INCIDENTS)
        return pages.page(
            request, visitor, "admin/notices/notices.html", desk=told, wrong=wrong, now=census.clock(),
            leaf=open_leaf(request, found, number, _INCIDENTS), given=settings.notices, zone=settings.sync.time_zone,
        )  # fmt: skip

    @router.post("/test")
    def post_test(request: Request, visitor: Admin, form: Posted) -> Response:  # noqa: ARG001  # its role is checked
        try:
            done = try_targets(census, settings, form.one("target") or None)
        except (SettingsError, NotFound) as error:
            return onward(_PATH, _said(error), "bad")
        failed = any(not each.ok for each in done)
        return onward(_PATH, " ".join(map(_tried, done)), "bad" if failed else "good")

    _add_webhooks(router, context, pages)
    return router


def _add_webhooks(router: APIRouter, context: Context, pages: Pages) -> None:
    census = context.census

    @router.get("/webhooks")
    def get_webhooks(request: Request, visitor: Admin, webhook: str = "", state: str = "") -> Response:
        return pages.page(request, visitor, "admin/notices/webhooks.html", **_webhooks(context, webhook, state))

    @router.post("/webhooks/replay")
    def post_replay(visitor: Admin, form: Posted) -> Response:
        delivery, webhook = form.one("delivery"), form.one("webhook")
        try:
            done = registering.replay(
                census.store, actor=visitor.caller.name, now=census.clock(), delivery_id=delivery or None,
                webhook_id=webhook or None,
            )  # fmt: skip
        except (NotFound, InvalidInput) as error:
            return onward(f"{_PATH}/webhooks", _said(error), "bad")
        text = "No delivery was given up." if not done else f"{len(done)} will be sent anew, under the same ids."
        return onward(f"{_PATH}/webhooks", text, "good" if done else "warn")

    @router.post("/webhooks/switch")
    def post_switch(visitor: Admin, form: Posted) -> Response:
        done = registering.change(
            census.store, context.settings.webhooks, form.must("webhook", "the webhook"), actor=visitor.caller.name,
            now=census.clock(), enabled=form.one("enabled") == "yes",
        )  # fmt: skip
        text = "is told again, from where it stopped" if done.enabled else "is told nothing more"
        return onward(f"{_PATH}/webhooks", f"Webhook {done.id} {text}.")


def _webhooks(context: Context, webhook: str, state: str) -> dict[str, Any]:
    """Webhooks and the latest of what is owed to them, to all or to one, in all states or in one."""
    store = context.census.store
    known = registering.listed(store)
    webhook = webhook if webhook in {each.id for each in known} else ""
    chosen = DeliveryState(state) if state in [each.value for each in DeliveryState] else None
    found = registering.deliveries(store, webhook_id=webhook or None, state=chosen, limit=_DELIVERIES)
    dead = registering.deliveries(store, state=DeliveryState.DEAD, limit=1000)
    return {
        "webhooks": known, "deliveries": found, "dead": len(dead), "webhook": webhook, "state": chosen,
        "states": list(DeliveryState), "most": _DELIVERIES,
    }  # fmt: skip


def _tried(tried: Tried) -> str:
    return f"{tried.target} took the test message." if tried.ok else f"{tried.target} did not take it: {tried.why}."


def _said(error: CensusError) -> str:
    return f"{error.message}. {error.hint}" if error.hint else error.message
