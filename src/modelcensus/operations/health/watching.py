"""The watch: a look whenever it is time, changes to the log, and a heartbeat to whoever waits for one.

A heartbeat is a POST to an address of the operator's, at a service that raises the alarm where none comes: that also
covers a machine that is down.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit, urlunsplit

import msgspec

from modelcensus.core.document import encode
from modelcensus.core.errors import CensusError, InvalidInput
from modelcensus.core.health import Finding, Health, Severity
from modelcensus.core.schedule import schedule
from modelcensus.core.times import from_micros
from modelcensus.operations.census import Census
from modelcensus.operations.health.looking import look
from modelcensus.settings import HealthSettings, Settings

_log = logging.getLogger("modelcensus.health")
_TRIES = 3
_SECONDS = 10.0
_PAUSE = 2.0
_LEVELS = {Severity.OK: logging.INFO, Severity.WARNING: logging.WARNING, Severity.CRITICAL: logging.ERROR}


class Beaten(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a heartbeat: ``problem`` says why it was not taken. The address is a secret and not in it."""

    ok: bool
    tries: int
    problem: str | None = None


class HealthWatch:
    """Remembers when it last looked, and what it saw; one for each process. Safe to use from several threads."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._lock = Lock()
        self._looked_at: int | None = None
        self._told: dict[tuple[str, str | None], Severity] = {}

    def watch(self, census: Census, settings: Settings) -> Health | None:
        """Look if it is time (the first time it always is), and send a heartbeat; None where it is not time yet.

        Never raises: what goes wrong with a heartbeat is logged.
        """
        now = census.clock()
        with self._lock:
            if not self._is_time(now, settings):
                return None
            self._looked_at = now
            found = look(census, settings)
            self._tell(found)
        beat(settings.health, found, sleep=self._sleep)
        return found

    def _is_time(self, now: int, settings: Settings) -> bool:
        if self._looked_at is None or now < self._looked_at:
            return True
        try:
            return schedule(settings.health.every, settings.sync.time_zone).next_after(self._looked_at) <= now
        except InvalidInput as error:
            _log.error("the setting health.every cannot be used: %s", error)
            return False

    def _tell(self, found: Health) -> None:
        """Log each finding that has become worse or better; what stays as it was is not told again."""
        wrong = {
            (each.check, each.subject): each for each in found.findings if each.severity is not Severity.OK
        }  # fmt: skip
        for place, each in wrong.items():
            if self._told.get(place) is not each.severity:
                _log.log(_LEVELS[each.severity], "%s", line_of(each))
        for place in self._told.keys() - wrong.keys():
            _log.info("%s: well again", ", ".join(filter(None, place)))
        self._told = {place: each.severity for place, each in wrong.items()}


_here = HealthWatch()


def watch(census: Census, settings: Settings) -> Health | None:
    """``HealthWatch.watch`` of this process."""
    return _here.watch(census, settings)


def beat(
    settings: HealthSettings, found: Health, *, seconds: float = _SECONDS, sleep: Callable[[float], None] = time.sleep
) -> Beaten | None:
    """Call the heartbeat's address, or that of failures where something is critical; None where none is set.

    Tried three times. Never raises.
    """
    address = _address(settings, found.severity)
    if address is None:
        return None
    problem = None
    for left in reversed(range(_TRIES)):
        problem = _posted(address, found, seconds)
        if problem is None:
            return Beaten(ok=True, tries=_TRIES - left)
        if left:
            sleep(_PAUSE * 2 ** (_TRIES - 1 - left))
    _log.warning("the heartbeat (health.heartbeat_url) was not taken: %s", problem)
    return Beaten(ok=False, tries=_TRIES, problem=problem)


def line_of(finding: Finding) -> str:
    """A finding in one line: ``freshness, openrouter: ... (what to do)``."""
    place = ", ".join(filter(None, (finding.check, finding.subject)))
    return f"{place}: {finding.message}" + (f" ({finding.hint})" if finding.hint else "")


def _address(settings: HealthSettings, severity: Severity) -> str | None:
    if severity is not Severity.CRITICAL:
        return settings.heartbeat_url
    if settings.heartbeat_failure_url or settings.heartbeat_url is None:
        return settings.heartbeat_failure_url
    try:
        parts = urlsplit(settings.heartbeat_url)
    except ValueError:
        return settings.heartbeat_url  # refused where it is used, without being named
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail"))


def _posted(address: str, found: Health, seconds: float) -> str | None:
    """Post once; what went wrong, in words without the address."""
    # Imported here: the HTTP stack is slow to load, and most looks send nothing.
    from modelcensus.sources.http.posting import checked, post

    wrong = msgspec.structs.replace(
        found, findings=tuple(each for each in found.findings if each.severity is not Severity.OK)
    )
    try:
        # The operator has set it himself: it may be on his own network.
        url = checked(address, private=True)
        now = from_micros(found.at).timestamp()
        posted = post(url, encode(wrong), {}, seconds=seconds, now=now, private=True)
    except CensusError as error:
        return error.message
    except Exception as error:  # what it says may name the address
        return f"it could not be sent ({type(error).__name__})"
    return None if 200 <= posted.status < 300 else f"it answered {posted.status}"
