"""What clocks outside need to know of this machine, and what people need to know of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from modelcensus.cli.context import Globals
from modelcensus.core.errors import InvalidInput
from modelcensus.core.schedule import time_zone
from modelcensus.core.times import from_micros

if TYPE_CHECKING:
    import typer

    from modelcensus.operations.outside.job import Place
    from modelcensus.operations.outside.systemd import Systemd
    from modelcensus.settings import Loaded, Settings

_ENVIRONMENT = "environment "


def local(micros: int) -> str:
    """A time as this machine's clock shows it."""
    return f"{from_micros(micros).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def ahead(micros: int) -> str:
    """How far off: ``5 s``, ``12 min``, ``3 h 5 min``, ``2 d 4 h``."""
    seconds = max(round(micros / 1e6), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def place_of(ctx: typer.Context) -> Place:
    """How this program was started, by absolute paths. Raises ``InvalidInput`` for an address of a database."""
    from modelcensus.operations.outside.job import place

    given = cast(Globals, ctx.obj)
    if given.database is not None:
        raise InvalidInput(
            "an address of a database, with its password, has no place in a clock's file",
            "set database_url in modelcensus.toml, or DATABASE_URL in .env, and leave --database out",
        )
    folder = Path.cwd()
    config = folder if given.config_dir is None else given.config_dir.absolute()
    begun = Path(os.path.abspath(sys.argv[0]))
    program = [sys.executable, "-m", "modelcensus"] if begun.suffix == ".py" else [str(begun)]
    return place([*program, *(["--config-dir", str(config)] if config != folder else [])], folder, config / ".env")


def systemd_of(*, user: bool, folder: Path | None, place: Place | None) -> Systemd:
    """Whose systemd; the program of the whole machine's runs as the owner of the folder."""
    from modelcensus.operations.outside.systemd import Systemd

    owner = place.folder.owner() if place and not user else ""
    return Systemd(system=not user, folder=folder.absolute() if folder else None, run_as=owner)


def unseen(found: Loaded) -> Iterator[str]:
    """Settings that stand in this shell's environment only, which no clock has."""
    names = [origin.removeprefix(_ENVIRONMENT) for origin in found.origins.values() if origin.startswith(_ENVIRONMENT)]
    if names:
        yield f"a clock does not have what is set in this shell: put it into .env: {', '.join(sorted(set(names)))}"


def after_install(clock: str, settings: Settings, folder: Path | None, *, user: bool) -> Iterator[str]:
    """What else there is to know or to do."""
    from modelcensus.operations.outside.crontab import FILE
    from modelcensus.operations.outside.systemd import SYSTEM, Systemd

    if clock == "cron":
        if not _is_local(settings.sync.time_zone):
            yield f"crontab goes by this machine's clock, not by {settings.sync.time_zone}: shift sync.schedule, or " \
                "use systemd"  # fmt: skip
        if folder is not None:
            yield f"to put it to work: (crontab -l; cat {folder / FILE}) | crontab -"
        return
    if folder is not None:
        where = SYSTEM if not user else "~/.config/systemd/user"
        commands = " && ".join(" ".join(words) for words in Systemd(system=not user).commands)
        yield f"to put them to work: copy them to {where}, then {commands}"
    if user:
        yield "user timers stop when you log out, unless: loginctl enable-linger"


def after_write(host: str, settings: Settings) -> Iterator[str]:
    """What else there is to know or to do."""
    if host in ("github", "vercel") and not _is_utc(settings.sync.time_zone):
        yield f"its clock is UTC, not {settings.sync.time_zone}: shift sync.schedule"
    yield {
        "github": "set MODELCENSUS_URL (a variable), CRON_SECRET and MODELCENSUS_TOKEN (secrets) in the repository",
        "kubernetes": "make the Secret modelcensus with DATABASE_URL (PostgreSQL) and the keys of your sources",
        "vercel": "set CRON_SECRET in the project as in the server, and rewrite the path to the server",
    }[host]
    if host == "vercel":
        yield "Vercel's Hobby plan takes only schedules of once a day"


def _is_local(zone: str) -> bool:
    """Whether clocks in a zone show what this machine's does, in winter and in summer."""
    days = [datetime(datetime.now().year, month, 1) for month in (1, 7)]  # noqa: DTZ001, DTZ005  # this machine's
    return all(day.astimezone().utcoffset() == day.replace(tzinfo=time_zone(zone)).utcoffset() for day in days)


def _is_utc(zone: str) -> bool:
    return all(not datetime(2026, month, 1, tzinfo=time_zone(zone)).utcoffset() for month in (1, 7))
