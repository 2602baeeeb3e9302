"""What a trial says: passed, failed with a reason, or not for this adapter."""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["passed", "failed", "spared"]


class Flaw(Exception):
    """The adapter did not do what it should: what it did in one line, what to do, and more lines where they help."""

    def __init__(self, problem: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = " ".join(problem.split())
        self.hint = hint
        self.details = details


class Spared(Exception):
    """The trial is not for this adapter; says why."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one trial ended. ``problem`` is also the reason for which a trial was spared; ``seconds`` it took."""

    group: str
    title: str
    verdict: Verdict
    problem: str | None = None
    hint: str | None = None
    details: tuple[str, ...] = ()
    seconds: float = 0.0
