"""One event as one line: text for people, JSON for programs. Upstream's text stays in its line, and no secret passes.

structlog is imported with the first line: it takes a tenth of a second, and most commands tell nothing.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from modelcensus.logs.binding import bound
from modelcensus.logs.masking import masker

if TYPE_CHECKING:
    from structlog.stdlib import ProcessorFormatter

Mode = Literal["auto", "json", "text"]
LONGEST = 4000
"""Characters of one value that a line holds."""
LONGEST_TRACE = 40_000
_DEEPEST = 4
_OURS = frozenset({"timestamp", "level"})
Mask = Callable[[str], str]


def resolved(mode: Mode) -> Literal["json", "text"]:
    """``auto`` is text where a person sees it, and JSON elsewhere."""
    if mode != "auto":
        return mode
    return "text" if sys.stderr is not None and sys.stderr.isatty() else "json"


class Form(logging.Formatter):
    """Lines of the loggers of the whole program, of libraries too."""

    def __init__(self, mode: Mode, mask: Mask | None = None) -> None:
        super().__init__()
        self._mode = resolved(mode)
        self._mask = mask or masker()
        self._form: ProcessorFormatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """One line, in text followed by those of a traceback, which are set in."""
        if self._form is None:
            from structlog.processors import format_exc_info
            from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_logger_name

            last: list[Any] = [
                ProcessorFormatter.remove_processors_meta,
                format_exc_info,
                rendering(self._mode, self._mask),
            ]
            first = [add_logger_name, ExtraAdder(), _without_traces, *stamped()]
            self._form = ProcessorFormatter(processors=last, foreign_pre_chain=first)
        return self._form.format(record)


def stamped() -> list[Any]:
    """Processors of structlog that add what work is going on, how grave it is, and when."""
    from structlog.contextvars import merge_contextvars
    from structlog.processors import TimeStamper, add_log_level

    return [_bearing, merge_contextvars, add_log_level, TimeStamper("iso", utc=True)]


def rendering(mode: Mode, mask: Mask | None = None) -> Callable[..., str]:
    """The last processor of structlog: an event as a line."""
    masked, written = mask or masker(), _json if resolved(mode) == "json" else _text

    def rendered(_logger: object, _name: str, told: Any) -> str:
        return written(
            {
                name: value if name in _OURS else _told(value, masked, name == "exception")
                for name, value in told.items()
            }
        )

    return rendered


def _bearing(_logger: object, _name: str, told: Any) -> Any:
    for name, value in bound().items():
        told.setdefault(name, value)
    return told


def _without_traces(_logger: object, _name: str, told: Any) -> Any:
    """What another handler's formatter left on the record is nothing that anybody said."""
    for name in ("message", "asctime"):
        told.pop(name, None)
    return told


def _told(value: Any, mask: Mask, is_trace: bool = False, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict | list | tuple | set | frozenset) and depth < _DEEPEST:
        if isinstance(value, dict):
            return {mask(str(name)): _told(each, mask, depth=depth + 1) for name, each in value.items()}
        return [_told(each, mask, depth=depth + 1) for each in value]
    longest = LONGEST_TRACE if is_trace else LONGEST
    text = mask(value if isinstance(value, str) else repr(value))
    if not text.isascii():
        text = text.encode(errors="backslashreplace").decode()  # half of a pair is no text that could be written
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def _json(told: dict[str, Any]) -> str:
    return msgspec.json.encode(told, enc_hook=repr).decode(errors="replace")


def _text(told: dict[str, Any]) -> str:
    """``2026-01-01T12:30:00.000000Z info request method=GET path=/api/models status=200``; odd values quoted."""
    head = [str(told.pop(each, "")) for each in ("timestamp", "level", "event")]
    trace = told.pop("exception", None)
    pairs = [f"{_value(name)}={_value(value)}" for name, value in told.items()]
    # Set in, so that no text of a stranger's within a traceback can pass for a line of ours.
    lines = [f"    {_plain(line)}" for line in str(trace).splitlines()] if trace else []
    return "\n".join([" ".join([*head[:2], _plain(head[2]), *pairs]), *lines])


def _value(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and '"' not in text and text else repr(text)


def _plain(text: str) -> str:
    """A line stays a line, whatever somebody put into it."""
    return text if text.isprintable() else repr(text)
