"""Curation by rules: the shipped ones, or those that the caller sends."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response

from modelcensus.api.answering import answer
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import one
from modelcensus.core.catalog.model import Tier
from modelcensus.operations.catalog import rules
from modelcensus.operations.catalog.curating import Outcome, outcome
from modelcensus.operations.catalog.rules import CurationRule, RulesApplied
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Curator


class RuleGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Models whose id matches (``*`` is any text), and what they get. ``tiers``: in these, and in no other."""

    match: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    tiers: Annotated[list[Tier], msgspec.Meta(max_length=3)] | None = None
    curated: bool | None = None
    enabled: bool | None = None


class Ruling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules to apply, the first that matches a model decides; the shipped ones where none are given.

    ``preview`` only tells what they would do.
    """

    rules: Annotated[list[RuleGiven], msgspec.Meta(min_length=1, max_length=1000)] | None = None
    preview: bool = False


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """What rules did or, in a preview, would do, and how many models they leave as they are, by why.

    ``idle``: rules that match no model.
    """

    preview: bool
    changed: tuple[Outcome, ...]
    unchanged: int
    touched: int
    archived: int
    unmatched: int
    idle: tuple[str, ...]


RECORDS: tuple[type[msgspec.Struct], ...] = (Ruling, Ruled)
"""What these paths take and answer with, for /openapi.json."""

_Ruling = Annotated[Ruling, body(Ruling, may_be_empty=True)]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    census = context.census

    @router.post(
        "/models/curate",
        summary="Curate by rules what no person has touched, or see what they would do",
        **takes(Ruling, one("Ruled"), may_be_empty=True),
    )
    def post_curate(request: Request, caller: Curator, wanted: _Ruling) -> Response:
        found = rules.load_rules() if wanted.rules is None else tuple(map(_rule, wanted.rules))
        done = rules.apply_rules(census.store, found, caller.name, census.clock(), preview=wanted.preview)
        return answer(request, _told(done, preview=wanted.preview))

    return router


def _rule(given: RuleGiven) -> CurationRule:
    return rules.rule_of(given.match, tiers=given.tiers, curated=given.curated, enabled=given.enabled)


def _told(done: RulesApplied, *, preview: bool) -> Ruled:
    return Ruled(
        preview=preview, changed=tuple(map(outcome, done.changed)), unchanged=done.unchanged, touched=done.touched,
        archived=done.archived, unmatched=done.unmatched, idle=done.idle,
    )  # fmt: skip
