"""Verify the census against itself and against checkpoints kept outside; rebuild what is derived."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import msgspec

from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.records import Verification
from modelcensus.operations.census import Census, Progress, silent
from modelcensus.store import moments, stats
from modelcensus.store import verify as checks
from modelcensus.store.engine import Store

_MOST_PROBLEMS = 50


class Checkpoint(msgspec.Struct, frozen=True):
    """The end of the chain at some time, to be kept where the database cannot reach it."""

    sync_id: int
    chain: str
    written_at: int


def verify(store: Store, *, checkpoint: Path | None = None, progress: Progress = silent) -> Verification:
    """Recompute every hash and the chain; compare with an exported checkpoint if one is given.

    Finds up to 50 problems. Raises ``NotFound`` or ``InvalidInput`` for a checkpoint that cannot be read.
    """
    expected = read_checkpoint(checkpoint) if checkpoint else None
    with store.reading() as tx:
        counted = stats.stats(tx, store.url, store.shown_url)
        problems = [*islice(checks.bodies(tx, _counting("bodies", counted.bodies, progress)), _MOST_PROBLEMS)]
        problems += islice(checks.chain(tx, _counting("syncs", counted.syncs, progress)), _MOST_PROBLEMS)
        problems += checks.current(tx)
        problems += islice(checks.points(tx), _MOST_PROBLEMS)
        problems += islice(moments.unlike(tx), _MOST_PROBLEMS)
        if expected and expected.sync_id:
            found = checks.links(tx, expected.sync_id)
            if found is None:
                problems.append(f"checkpoint: sync {expected.sync_id} is missing: the history was cut or replaced")
            elif found.hex() != expected.chain:
                problems.append(
                    f"checkpoint: the chain at sync {expected.sync_id} is another one: history was rewritten"
                )
        _, head = checks.head(tx)
    return Verification(
        bodies=counted.bodies, snapshots=counted.snapshots, syncs=counted.syncs, chain=head.hex(),
        problems=tuple(problems[:_MOST_PROBLEMS]),
    )  # fmt: skip


def write_checkpoint(census: Census, path: Path) -> Checkpoint:
    """Export the end of the chain to a file. Raises ``InvalidInput`` if it cannot be written."""
    with census.store.reading() as tx:
        sync_id, chain = checks.head(tx)
    checkpoint = Checkpoint(sync_id, chain.hex(), census.clock())
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(checkpoint)) + b"\n")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}", "choose another place") from error
    return checkpoint


def read_checkpoint(path: Path) -> Checkpoint:
    """An exported checkpoint. Raises ``NotFound`` and ``InvalidInput``."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Checkpoint)
    except FileNotFoundError as error:
        raise NotFound(
            f"there is no checkpoint {path}", "write one: 'modelcensus verify --write-checkpoint FILE'"
        ) from error
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidInput(
            f"{path} is not a checkpoint: {error}", "use a file that 'verify --write-checkpoint' wrote"
        ) from error


def rebuild(store: Store) -> int:
    """Recompute the current state of every entity from its history. How many were wrong."""
    with store.writing() as tx:
        return checks.rebuild(tx)


def _counting(what: str, total: int, progress: Progress) -> Callable[[int], None]:
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        progress(what, done, total)

    return count
