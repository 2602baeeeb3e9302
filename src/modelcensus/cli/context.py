"""What every command starts from: the global options, the settings they lead to, and the open census."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
import typer

if TYPE_CHECKING:
    from modelcensus.operations.census import Census
    from modelcensus.settings import Loaded
    from modelcensus.store.engine import Store


class Category(StrEnum):
    """Kinds of entity."""

    MODEL = "model"
    ENDPOINT = "endpoint"
    PROVIDER = "provider"
    AUTHOR = "author"
    ORPHAN = "orphan"


class Globals(msgspec.Struct, frozen=True):
    """The options before the command."""

    database: str | None = None
    config_dir: Path | None = None
    verbose: bool = False


def loaded(ctx: typer.Context) -> Loaded:
    """The settings that apply, the global options included. Raises ``SettingsError``."""
    import os

    from modelcensus.settings import load

    given = cast(Globals, ctx.obj)
    found = load(given.config_dir or Path.cwd(), os.environ)
    if given.verbose:
        logs = msgspec.structs.replace(found.settings.logs, level="debug")
        found = msgspec.structs.replace(
            found,
            settings=msgspec.structs.replace(found.settings, logs=logs),
            origins={**found.origins, "logs.level": "--verbose"},
        )
    if given.database is None:
        return found
    return msgspec.structs.replace(
        found,
        settings=msgspec.structs.replace(found.settings, database_url=given.database),
        origins={**found.origins, "database_url": "--database"},
    )


@contextmanager
def opened(ctx: typer.Context, *, create: bool = True, serving: bool = False) -> Iterator[Census]:
    """The open census. ``serving``: for a command that stays until it is stopped, so that its log is seen.

    Raises ``SettingsError``, ``StoreError``, and ``NotFound`` for none if not ``create``.
    """
    from modelcensus.logs.telling import telling
    from modelcensus.wiring import open_census, plan_of_logs

    settings = loaded(ctx).settings
    with telling(plan_of_logs(settings, serving=serving)), open_census(settings, create=create) as census:
        yield census


@contextmanager
def looked(ctx: typer.Context, source: str | None = None) -> Iterator[Store]:
    """The store of an existing census, to look only. Raises ``NotFound`` for a source that nobody knows."""
    from modelcensus.core.errors import NotFound
    from modelcensus.operations.browse import syncs

    with opened(ctx, create=False) as census:
        if source is not None and source not in census.sources and not syncs(census.store, source=source, limit=1):
            raise NotFound(f"there is no source '{source}'", f"the sources are: {', '.join(census.sources)}")
        yield census.store


def time_of(text: str) -> int:
    """A time that a person wrote. Raises ``InvalidInput``."""
    from modelcensus.core.times import parse_time
    from modelcensus.wiring import utc_now

    return parse_time(text, utc_now())
