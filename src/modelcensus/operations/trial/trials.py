"""What a trial is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from modelcensus.operations.trial.scene import Stage


class Trial(msgspec.Struct, frozen=True):
    """One thing to try. ``run`` returns, or raises ``Flaw`` or ``Spared``."""

    group: str
    title: str
    run: Callable[[Stage], None]
