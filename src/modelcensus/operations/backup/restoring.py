"""Restore: a backup as a census again, whole or not at all, on either kind of database; then it is verified."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import Connection, make_url, text

from modelcensus.core.errors import InvalidInput, StoreDamaged, StoreUnwritable, VerificationFailed
from modelcensus.operations.backup.backing_up import heads, settled, told_of
from modelcensus.operations.backup.contents import Head, Manifest, Summary
from modelcensus.operations.backup.reading import check, rows_in, walk
from modelcensus.operations.catalog.proving import catalog_problems
from modelcensus.operations.census import Progress, silent
from modelcensus.operations.verify import verify
from modelcensus.store.engine import HEAD, Store, open_bare, upgrade
from modelcensus.store.faults import shown, translated
from modelcensus.store.tables import Table, continue_numbers, guards_off, load, made_empty, unmet

_FOREIGN = "it was not made by this program: use a file that 'modelcensus backup' wrote"
_NEW = "name a new one: --to sqlite:///restored.db, or an empty PostgreSQL database (createdb restored)"


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was restored. ``schema`` is that of the backup; the database has the newest.

    The rows were read back and have the backup's ``digest``; ``problems`` are what ``verify`` finds.
    """

    file: str
    database: str
    made_at: int
    schema: str
    rows: int
    syncs: Head
    revisions: Head
    digest: str
    problems: tuple[str, ...] = ()


def restore(
    path: Path, url: str, *, timeout_seconds: float = 30.0, flawed: bool = False, progress: Progress = silent
) -> Restored:
    """Make a census of a backup, in a database that is empty or, on SQLite, does not exist.

    With ``flawed`` one that does not pass ``verify``, because what was backed up does not, is taken too. Raises
    ``NotFound``, ``InvalidInput`` for a backup or database that cannot be used, ``VerificationFailed``, ``StoreError``;
    nothing is left then.
    """
    manifest, summary = check(path, progress)
    with _target(url, timeout_seconds) as store, store.writing() as tx:
        if not made_empty(tx, manifest.schema):
            raise InvalidInput(f"the database {shown(url)} is not empty", _NEW)
        _filled(tx, path, manifest, summary, progress)
        problems = _forward(store, tx, manifest, progress)
        if problems and not flawed:
            raise VerificationFailed(
                f"the restored census does not pass verification: {problems[0]}",
                "nothing was restored; try an older backup, or take it as it is with --flawed",
            )
    return Restored(
        file=str(path), database=shown(url), made_at=manifest.made_at, schema=manifest.schema, rows=summary.rows,
        syncs=summary.syncs, revisions=summary.revisions, digest=summary.digest, problems=problems,
    )  # fmt: skip


def _filled(tx: Connection, path: Path, manifest: Manifest, summary: Summary, progress: Progress) -> None:
    """All rows, and the proof that they are those of the backup."""
    guards_on = guards_off(tx, manifest.tables)
    done = 0

    def take(table: Table, body: bytes) -> None:
        nonlocal done
        load(tx, table, rows_in(table, body))
        done += body.count(b"\n")
        progress("restored", done, summary.rows)

    try:
        with translated(str(tx.engine.url)):
            again = walk(path, take, lambda _done, _total: None)
    except StoreDamaged as error:
        raise InvalidInput(f"the backup's rows cannot be written: {error.message}", _FOREIGN) from error
    if lost := unmet(tx):
        raise InvalidInput(f"the backup's rows refer to what is not in it ({', '.join(lost)})", _FOREIGN)
    if again != (manifest, summary):
        raise InvalidInput("the backup changed while it was read", "restore a file that nobody writes to")
    found = tuple(told_of(tx, manifest.tables, progress))
    if found != summary.tables or heads(tx, manifest.tables) != (summary.syncs, summary.revisions):
        raise VerificationFailed("what was restored is not what the backup holds", "nothing was restored; report this")
    guards_on()


def _forward(store: Store, tx: Connection, manifest: Manifest, progress: Progress) -> tuple[str, ...]:
    """Bring it to the newest schema, and verify it."""
    if manifest.schema != HEAD:
        upgrade(tx)
    continue_numbers(tx)
    if tx.dialect.name == "postgresql":
        tx.execute(text("ANALYZE"))
    inside = _Inside(store, tx)
    return (*verify(inside, progress=progress).problems, *catalog_problems(inside))


class _Inside(Store):
    """A store as it looks from inside an open transaction."""

    def __init__(self, store: Store, tx: Connection) -> None:
        super().__init__(store.url, tx.engine)
        self._tx = tx

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The open transaction."""
        yield self._tx


@contextmanager
def _target(url: str, timeout_seconds: float) -> Iterator[Store]:
    """A store to restore into. On SQLite it is a new file elsewhere, which takes its place if the block succeeds."""
    name = make_url(url).database if url.startswith("sqlite") else None
    if name in (None, "", ":memory:"):
        store = open_bare(url, timeout_seconds=timeout_seconds)
        try:
            yield store
        finally:
            store.close()
        return
    place = Path(str(name))
    _free(place)
    folder: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.restoring-"))
        with _target_file(folder / place.name, timeout_seconds) as store:
            yield store
        # Closing the last connection has written the log back: the file is all there is.
        _free(place)
        (folder / place.name).replace(place)
        settled(place.parent)
    except OSError as error:
        raise StoreUnwritable(
            f"{error.strerror or error} ({shown(url)})", "restore to another place with --to"
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _target_file(path: Path, timeout_seconds: float) -> Iterator[Store]:
    store = open_bare(f"sqlite:///{path}", timeout_seconds=timeout_seconds)
    try:
        yield store
    finally:
        store.close()


def _free(place: Path) -> None:
    """Raises ``InvalidInput`` where there is a database, or what is left of one."""
    for path in (place, *(place.with_name(place.name + end) for end in ("-wal", "-journal"))):
        if os.path.lexists(path) and (path != place or path.stat().st_size):
            raise InvalidInput(f"the database is not empty: there is {path}", _NEW)
