"""Administration of webhooks and of what is owed to them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import many, one
from modelcensus.core.document import encode
from modelcensus.core.webhook import Delivery, DeliveryState, Filters, Webhook
from modelcensus.operations.webhooks import registering, sending
from modelcensus.operations.webhooks.registering import WebhookMade
from modelcensus.operations.webhooks.sending import WebhookTested
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Admin

_ADDRESS = r"^https?://[!-~]+$"
"""Plain ASCII, as addresses are; whether it is a fitting one is looked at after that."""
Url = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=2000, pattern=_ADDRESS,
        description="Where to post to: https, at a public address, unless webhooks.allow_private is set.",
    ),
]  # fmt: skip


class WebhookWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A webhook to create: it is told of changes from now on, of all without filters."""

    url: Url
    filters: Filters = Filters()


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of a webhook; what is left out stays. Filters are replaced as a whole."""

    url: Url | msgspec.UnsetType = msgspec.UNSET
    filters: Filters | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class Replayed(msgspec.Struct, frozen=True):
    """Ids of the deliveries that are sent anew, oldest first."""

    deliveries: tuple[str, ...]


RECORDS: tuple[type[msgspec.Struct], ...] = (
    Webhook, WebhookMade, WebhookTested, Delivery, Filters, WebhookWanted, WebhookChange, Replayed,
)  # fmt: skip
"""What these paths answer with and take, for /openapi.json."""

_Wanted = Annotated[WebhookWanted, body(WebhookWanted)]
_Change = Annotated[WebhookChange, body(WebhookChange)]
_State = Annotated[DeliveryState | None, Query(description="Only those that stand so; `dead` were given up.")]
_Of = Annotated[str | None, Query(description="Only those of this webhook.")]
_Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
_SECRET = "its secret is in this answer and never again"


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter(
        prefix="/api/admin/webhooks", dependencies=[Depends(only_known_parameters)], tags=["administration"]
    )
    _add_deliveries(router, context)
    _add_webhooks(router, context)
    _add_acts(router, context)
    return router


def _add_deliveries(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.get("/deliveries", summary="Deliveries, newest first", **many("Delivery"))
    def get_deliveries(
        request: Request, caller: Admin, state: _State = None, webhook: _Of = None, limit: _Limit = 100  # noqa: ARG001  # may
    ) -> Response:  # fmt: skip
        found = registering.deliveries(census.store, webhook_id=webhook, state=state, limit=limit)
        return answer(request, {"data": found})

    @router.post("/deliveries/replay", summary="Send every dead delivery anew", **one("Replayed"))
    def post_replay_all(request: Request, caller: Admin, webhook: _Of = None) -> Response:
        done = registering.replay(census.store, actor=caller.name, now=census.clock(), webhook_id=webhook)
        return answer(request, Replayed(tuple(done)))

    @router.post(
        "/deliveries/{delivery}/replay", summary="Send one delivery that ended anew, under the same id",
        **one("Replayed"),
    )  # fmt: skip
    def post_replay(request: Request, caller: Admin, delivery: str) -> Response:
        done = registering.replay(census.store, actor=caller.name, now=census.clock(), delivery_id=delivery)
        return answer(request, Replayed(tuple(done)))


def _add_webhooks(router: APIRouter, context: Context) -> None:
    census, settings = context.census, context.settings.webhooks

    @router.get("", summary="Webhooks, oldest first, without secrets", **many("Webhook"))
    def get_webhooks(request: Request, caller: Admin) -> Response:  # noqa: ARG001  # may
        return answer(request, {"data": registering.listed(census.store)})

    @router.post(
        "", summary=f"Tell an address of changes; {_SECRET}", status_code=201,
        **takes(WebhookWanted, _created(one("WebhookMade"))),
    )  # fmt: skip
    def post_webhook(caller: Admin, wanted: _Wanted) -> Response:
        made = registering.create(
            census.store, settings, wanted.url, wanted.filters, actor=caller.name, now=census.clock()
        )
        return _secretly(made, 201)

    @router.get("/{id}", summary="One webhook, without its secret", **one("Webhook"))
    def get_webhook(request: Request, caller: Admin, id: str) -> Response:  # noqa: A002, ARG001  # the path's word
        return answer(request, registering.shown(census.store, id))

    @router.patch(
        "/{id}", summary="Change, disable or enable a webhook; enabled, it goes on where it stopped",
        **takes(WebhookChange, one("Webhook")),
    )  # fmt: skip
    def patch_webhook(request: Request, caller: Admin, id: str, wanted: _Change) -> Response:  # noqa: A002
        given = {
            name: value for name in wanted.__struct_fields__ if (value := getattr(wanted, name)) is not msgspec.UNSET
        }
        done = registering.change(census.store, settings, id, actor=caller.name, now=census.clock(), **given)
        return answer(request, done)

    @router.delete("/{id}", summary="Delete a webhook with all its deliveries", **one("Webhook"))
    def delete_webhook(request: Request, caller: Admin, id: str) -> Response:  # noqa: A002
        return answer(request, registering.delete(census.store, id, actor=caller.name, now=census.clock()))


def _add_acts(router: APIRouter, context: Context) -> None:
    census, settings = context.census, context.settings.webhooks

    @router.post("/{id}/rotate", summary=f"Give a webhook a new secret; {_SECRET}", **one("WebhookMade"))
    def post_rotate(caller: Admin, id: str) -> Response:  # noqa: A002
        return _secretly(registering.rotate(census.store, settings, id, actor=caller.name, now=census.clock()), 200)

    @router.post("/{id}/test", summary="Send a test at once and tell the answer", **one("WebhookTested"))
    def post_test(request: Request, caller: Admin, id: str) -> Response:  # noqa: A002
        return answer(request, sending.try_now(census, settings, id, actor=caller.name))


def _secretly(made: WebhookMade, status: int) -> Response:
    # Not by answer(): nobody between may keep a secret, nor a hash of it.
    return Response(encode(made), status, {"Cache-Control": "no-store"}, media_type="application/json")


def _created(answers: dict[str, Any]) -> dict[str, Any]:
    """The same answers, the good one as 201."""
    responses = dict(answers["responses"])
    return {"responses": {201: {**responses.pop(200), "description": "Created"}, **responses}}
