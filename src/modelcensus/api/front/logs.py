"""One line for each request, and lines of the program's own loggers in the same form, all with the request's id."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars

Mode = Literal["json", "text", "off"]
_QUIET = frozenset({"/healthz", "/metrics"})


def requests_log(mode: Mode) -> Callable[..., None] | None:
    """What to call for each request; None where nothing is to be logged."""
    if mode == "off":
        return None
    # Asked for at each line: whoever replaces the process's standard error wants the lines too.
    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr), processors=[*_stamped(), _renderer(mode)], context_class=dict
    )
    return lambda **told: None if told["path"] in _QUIET and told["status"] < 400 else logger.info("request", **told)


@contextmanager
def structured(mode: Mode) -> Iterator[None]:
    """Within the block, warnings and errors of all loggers go to standard error in the same form."""
    handler = logging.StreamHandler()
    rendered = _renderer("json" if mode == "json" else "text")
    form = structlog.stdlib.ProcessorFormatter
    last = [form.remove_processors_meta, structlog.processors.format_exc_info, rendered]
    handler.setFormatter(form(processors=last, foreign_pre_chain=[structlog.stdlib.add_logger_name, *_stamped()]))
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def during(request_id: str) -> Any:
    """Within the block every line names the request."""
    return bound_contextvars(request_id=request_id)


def _stamped() -> list[Any]:
    return [merge_contextvars, structlog.processors.add_log_level, structlog.processors.TimeStamper("iso", utc=True)]


def _renderer(mode: Mode) -> Any:
    if mode == "json":
        return structlog.processors.JSONRenderer(lambda told, **_: msgspec.json.encode(told, enc_hook=repr).decode())
    return _line


def _line(_logger: object, _name: str, told: dict[str, Any]) -> str:
    """``2026-01-01T12:30:00.000000Z info request method=GET path=/api/models status=200``; odd values quoted."""
    head = [str(told.pop(each, "")) for each in ("timestamp", "level", "event")]
    trace = told.pop("exception", None)
    pairs = [f"{name}={_value(value)}" for name, value in told.items()]
    return " ".join([*head[:2], _plain(head[2]), *pairs]) + (f"\n{trace}" if trace else "")


def _value(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and '"' not in text and text else repr(text)


def _plain(text: str) -> str:
    """A line stays a line, whatever somebody put into it."""
    return text if text.isprintable() else repr(text)
