"""Foreign database errors, translated into ours in this one place."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from modelcensus.core.errors import (
    CensusError,
    InvalidInput,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreUnreachable,
    StoreUnwritable,
)

_FULL = "free some space on the device or move the database (setting database_url); nothing was half-written"
_LOCKED = "another process is writing; wait for it, or raise the setting database_timeout"
_UNWRITABLE = "give yourself write access, or choose another place with the setting database_url"
_DAMAGED = "restore a backup, or move the file away and run 'modelcensus sync' to start anew"

_BY_TEXT: tuple[tuple[str, type[StoreError], str, str], ...] = (
    ("database or disk is full", StoreFull, "the disk is full", _FULL),
    ("disk i/o error", StoreFull, "the database's disk does not take writes (full or failing)", _FULL),
    ("no space left", StoreFull, "the disk is full", _FULL),
    ("could not extend file", StoreFull, "the database server's disk is full", _FULL),
    ("database is locked", StoreLocked, "the database is locked", _LOCKED),
    ("lock timeout", StoreLocked, "the database is locked", _LOCKED),
    ("unable to open database", StoreUnwritable, "the database file cannot be opened", _UNWRITABLE),
    ("readonly database", StoreUnwritable, "the database file is read-only", _UNWRITABLE),
    ("permission denied", StoreUnwritable, "the database does not allow this", _UNWRITABLE),
    ("read-only transaction", StoreUnwritable, "the database is read-only", _UNWRITABLE),
    ("not a database", StoreDamaged, "the file is not a database", _DAMAGED),
    ("malformed", StoreDamaged, "the database file is damaged", _DAMAGED),
    ("append-only", StoreDamaged, "history cannot be changed", "report this: it is a defect of the program"),
)
_UNREACHABLE = (
    "connection",
    "connect",
    "password authentication",
    "server closed",
    "does not exist",
    "shutting down",
    "terminating",
)


def shown(url: str) -> str:
    """A database address without its password."""
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn driver and file errors inside the block into ``StoreError``s that say what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(str(error.orig), url, type(error.orig).__name__) from error
    except sqlite3.Error as error:
        raise _translate(str(error), url, type(error).__name__) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StoreFull("the disk is full", _FULL, detail=f" ({shown(url)})") from error
        detail = f": {error.strerror or error} ({shown(url)})"
        raise StoreUnwritable("the database's files cannot be used", _UNWRITABLE, detail=detail) from error
    except Exception as error:
        # Asked by name: whoever has a SQLite census need not load the other driver.
        if type(error).__module__.partition(".")[0] != "psycopg":
            raise
        raise _translate(str(error), url, type(error).__name__) from error


def _translate(text: str, url: str, name: str) -> CensusError:
    lowered = text.lower()
    if "nul (0x00)" in lowered:
        return InvalidInput("a text holds a NUL character, which the database cannot hold", "leave the character out")
    for part, kind, message, hint in _BY_TEXT:
        if part in lowered:
            return kind(message, hint, detail=f" ({shown(url)})")
    first = text.strip().splitlines()[0] if text.strip() else name
    if any(part in lowered for part in _UNREACHABLE):
        return StoreUnreachable(
            "the database server cannot be used",
            "start the server, or correct address, user and password in the setting database_url",
            detail=f": {first} ({shown(url)})",
        )
    return StoreDamaged("the database refused", "run 'modelcensus verify'", detail=f": {first} ({shown(url)})")
