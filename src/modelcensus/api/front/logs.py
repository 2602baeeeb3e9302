"""One line for each request, in the form of all other lines, with the request's id."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

import structlog

from modelcensus.logs.binding import bearing
from modelcensus.logs.lines import rendering, stamped

Mode = Literal["auto", "json", "text", "off"]
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


def requests_log(mode: Mode) -> Callable[..., None] | None:
    """What to call for each request; None where nothing is to be logged."""
    if mode == "off":
        return None
    # Asked for at each line: whoever replaces the process's standard error wants the lines too.
    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr), processors=[*stamped(), rendering(mode)], context_class=dict
    )
    return lambda **told: None if told["path"] in _QUIET and told["status"] < 400 else logger.info("request", **told)


def during(request_id: str) -> AbstractContextManager[None]:
    """Within the block every line names the request."""
    return bearing(request_id=request_id)
