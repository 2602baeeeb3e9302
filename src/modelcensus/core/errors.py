"""The one error tree.

::

    CensusError                     message + hint (what to do next)
    ├── SettingsError               a setting is missing, unknown or of the wrong type
    ├── NotFound                    no such source, key, sync or file
    ├── InvalidInput                a value that a person gave cannot be used
    │   ├── StalePlan               the catalog has moved since the plan was made
    │   └── AlteredPlan             a stored plan is no longer the one that was reviewed
    ├── NotAllowed                  the caller may not do this
    │   ├── Unauthenticated         no credentials, or wrong or expired ones
    │   └── Forbidden               the right credentials of somebody who may not
    ├── NotNow                      it can be done later
    │   ├── AlreadyRunning          the same is being done by somebody else
    │   ├── CoolingDown             it was done a moment ago
    │   └── Interrupted             it was told to stop before its end
    ├── FeedRefused                 the consumer of a feed would refuse it, and there is no good one before it
    ├── SourceError                 an upstream could not be read
    │   ├── Unreachable             no connection, name not found, time-out
    │   ├── Refused                 the upstream said no
    │   │   ├── KeyRefused          the key is missing, wrong, or may not read this
    │   │   ├── NotThere            there is nothing at this address
    │   │   ├── RateLimited         it allows no more requests for now
    │   │   └── BadRequest          the request itself is wrong
    │   ├── UpstreamBroken          the upstream failed (5xx) or cut its answer short
    │   ├── TooLarge                the answer, packed or unpacked, is over the limit
    │   └── Unsafe                  a redirect or link to where we must not go
    ├── StoreError                  the database cannot be used
    │   ├── StoreUnreachable        no server, wrong address or password
    │   ├── StoreUnwritable         folder or file cannot be written
    │   ├── StoreLocked             another process holds it for too long
    │   ├── StoreFull               no space left on the device
    │   ├── StoreNewer              written by a newer version of this program
    │   └── StoreDamaged            not a database, or one that breaks its own rules
    └── VerificationFailed          a hash, the chain or a checkpoint does not match

The tree knows no HTTP status and no exit code: each face has its own small table.
"""

from __future__ import annotations

import re

_INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class CensusError(Exception):
    """Base of every error this program raises on purpose.

    ``message`` says what happened in one line, ``hint`` says what to do next; neither holds a secret.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    @property
    def kind(self) -> str:
        """The category of the error, for logs: ``key_refused``."""
        return _INNER_CAPITAL.sub("_", type(self).__name__).lower()


class SettingsError(CensusError):
    """A setting is missing, unknown or of the wrong type."""


class NotFound(CensusError):
    """No such source, key, sync or file."""


class InvalidInput(CensusError):
    """A value that a person gave cannot be used."""


class StalePlan(InvalidInput):
    """The catalog has moved since the plan was made; ``moved`` are the models that changed meanwhile."""

    def __init__(self, message: str, hint: str, moved: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.moved = moved


class AlteredPlan(InvalidInput):
    """A stored plan is no longer the one that was reviewed: its content does not have its digest."""


class NotAllowed(CensusError):
    """The caller may not do this."""


class Unauthenticated(NotAllowed):
    """No credentials, or wrong or expired ones."""


class Forbidden(NotAllowed):
    """The right credentials of somebody who may not do this."""


class NotNow(CensusError):
    """It can be done later: in ``retry_after`` seconds, where that is known. ``run`` is the run that is in the way."""

    def __init__(self, message: str, hint: str, *, run: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message, hint)
        self.run = run
        self.retry_after = retry_after


class AlreadyRunning(NotNow):
    """The same is being done by somebody else."""


class CoolingDown(NotNow):
    """It was done a moment ago."""


class Interrupted(NotNow):
    """It was told to stop before its end; what it had not finished is not recorded."""


class FeedRefused(CensusError):
    """The consumer of a feed would refuse it, for these ``reasons``, and there is no good one before it."""

    def __init__(self, message: str, hint: str, reasons: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.reasons = reasons


class SourceError(CensusError):
    """An upstream could not be read."""


class Unreachable(SourceError):
    """No connection, name not found, or time-out."""


class Refused(SourceError):
    """The upstream said no."""


class KeyRefused(Refused):
    """The key is missing, wrong, or may not read this."""


class NotThere(Refused):
    """There is nothing at this address."""


class RateLimited(Refused):
    """The upstream allows no more requests for now."""


class BadRequest(Refused):
    """The upstream finds the request itself wrong: a parameter, a cursor, sometimes a key."""


class UpstreamBroken(SourceError):
    """The upstream failed (5xx), or its answer was cut short or garbled."""


class TooLarge(SourceError):
    """The answer, packed or unpacked, is over the limit."""


class Unsafe(SourceError):
    """A redirect or a link to where this program must not go."""


class StoreError(CensusError):
    """The database cannot be used.

    ``brief`` is the message without the database's address and words, for readers who are none of its keepers.
    """

    def __init__(self, message: str, hint: str = "", *, detail: str = "") -> None:
        super().__init__(f"{message}{detail}", hint)
        self.brief = message


class StoreUnreachable(StoreError):
    """No server at the address, or wrong user or password."""


class StoreUnwritable(StoreError):
    """The folder or file of the database cannot be written."""


class StoreLocked(StoreError):
    """Another process has held the database for too long."""


class StoreFull(StoreError):
    """No space left on the device."""


class StoreNewer(StoreError):
    """The database was written by a newer version of this program."""


class StoreDamaged(StoreError):
    """Not a database of ours, or one that breaks its own rules."""


class VerificationFailed(CensusError):
    """A hash, the chain or a checkpoint does not match."""
