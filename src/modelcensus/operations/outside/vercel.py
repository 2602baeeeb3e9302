"""Vercel: a cron job in ``vercel.json`` that calls a server of ours behind a rewrite. Its clock is UTC.

The form: https://vercel.com/docs/cron-jobs
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from modelcensus.core.errors import InvalidInput
from modelcensus.operations.outside import job
from modelcensus.operations.outside.timing import plain_cron
from modelcensus.settings import Settings

PATH = Path("vercel.json")
TARGET = "/api/cron/sync-models"
_SCHEMA = "https://openapi.vercel.sh/vercel.json"


def crons(settings: Settings, folder: Path, *, force: bool = False) -> job.Step:
    """The step that writes the file; with ``force`` the cron job goes into one that is there, and the rest stays.

    Raises ``InvalidInput`` for a timing that Vercel cannot tell, or a file that is not ours.
    """
    cron = plain_cron(settings.sync.schedule)
    if cron.two_days:
        raise InvalidInput(
            f"Vercel cannot tell '{settings.sync.schedule}'",
            "set a sync.schedule that names days of the month or of the week, not both",
        )
    path = folder / PATH
    there = _there(path)
    others = [each for each in there.get("crons", []) if not _is_ours(each)]
    if not force and (others or there.keys() - {"$schema", "crons"}):
        raise InvalidInput(
            f"{path} is there and is not only ours", "give --force: the cron job is added, and the rest stays"
        )
    made = {"$schema": _SCHEMA, **there, "crons": [*others, {"path": TARGET, "schedule": cron.text}]}
    text = msgspec.json.format(msgspec.json.encode(made), indent=2).decode() + "\n"
    return job.write(path, text, force=True)


def _there(path: Path) -> dict[str, Any]:
    text = job.read(path)
    if text is None:
        return {}
    try:
        found = msgspec.json.decode(text, type=dict[str, Any])
        if not isinstance(found.get("crons", []), list):
            raise msgspec.ValidationError("crons is no list")
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise InvalidInput(f"{path} is there and is not what Vercel reads", "move it away") from error
    return found


def _is_ours(cron: object) -> bool:
    return isinstance(cron, dict) and str(cron.get("path", "")).partition("?")[0] == TARGET
