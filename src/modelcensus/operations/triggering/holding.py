"""Slots held while the caller syncs by itself, as the command line and the library do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from modelcensus.core.errors import CensusError, NotNow, StoreError
from modelcensus.core.records import SyncRecord
from modelcensus.core.run import RunError, RunState, Trigger, error_from, run_result, source_run
from modelcensus.logs.binding import during_run
from modelcensus.operations.catalog.catalog import Updated
from modelcensus.operations.census import Census, Progress, Source
from modelcensus.operations.triggering import slots
from modelcensus.operations.triggering.pulse import Pulse
from modelcensus.operations.triggering.runs import finish
from modelcensus.operations.triggering.slots import Claim
from modelcensus.operations.triggering.syncing import Ended
from modelcensus.operations.triggering.telling import tell_begun, tell_ended


class Held:
    """The slots of some sources. ``refused`` says of each other source that was wanted why not now."""

    def __init__(self, census: Census, claim: Claim, pulse: Pulse) -> None:
        self._census = census
        self._run = claim.run
        self._pulse = pulse
        self._began = monotonic()
        self._records: list[SyncRecord] = []
        self._updated: Updated | None = None
        self.refused: dict[str, NotNow] = claim.refused
        self.sources: list[Source] = [census.sources[name] for name in claim.run.sources]

    def noted(self, records: Iterable[SyncRecord]) -> Iterator[SyncRecord]:
        """The same records; they are part of what came of the run."""
        for record in records:
            self._records.append(record)
            yield record

    def published(self, updated: Updated) -> None:
        """What the catalog's update did is part of it too."""
        self._updated = updated

    def progress(self, shown: Progress) -> Progress:
        """Progress that is shown, and written to the run."""

        def both(what: str, done: int, total: int | None) -> None:
            self._pulse.progress(what, done, total)
            shown(what, done, total)

        return both

    def release(self, state: RunState = RunState.FAILED, errors: Sequence[RunError] = ()) -> None:
        """Let go of the slots, once: what comes later is too late. Trouble with the database leaves a lost run."""
        seconds = monotonic() - self._began
        by_source = {name: [each for each in self._records if each.source == name] for name in self._run.sources}
        parts = [
            source_run(name, records, seconds=sum(each.seconds for each in records))
            for name, records in by_source.items()
        ]
        revision = self._updated.revision if self._updated else None
        result = run_result(
            self._run.id, parts, seconds=seconds, errors=errors, revision=revision.number if revision else None,
            held=self._updated.held if self._updated else 0,
        )  # fmt: skip
        tell_ended(result)
        try:
            finish(self._census, self._run.id, Ended(state, result))
        except StoreError:
            return


@contextmanager
def held(
    census: Census, sources: Sequence[Source], *, trigger: Trigger, actor: str, partly: bool = False
) -> Iterator[Held]:
    """Hold the slots of sources within the block; with ``partly`` of those that are free.

    Raises ``AlreadyRunning`` if one is not free, with ``partly`` if none is; ``StoreError``.
    """
    claim = slots.claim(census, [source.name for source in sources], trigger=trigger, actor=actor, partly=partly)
    with during_run(claim.run.id), Pulse(census, claim.run) as pulse:
        tell_begun(claim.run)
        holding = Held(census, claim, pulse)
        try:
            yield holding
        except BaseException as error:
            holding.release(RunState.FAILED, [error_from(error)] if isinstance(error, CensusError) else ())
            raise
        holding.release(RunState.DONE)
