"""Ctrl-C while threads are waiting for slow upstreams."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from modelcensus.cli.exits import interrupted


@contextmanager
def stops_at_once() -> Iterator[None]:
    """Ctrl-C ends the process inside this block without waiting for its threads.

    A thread in the middle of a request can take minutes, and a killed process leaves nothing half-recorded.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if sys.stderr.isatty():
            # The progress bar hides the cursor.
            sys.stderr.write("\x1b[?25h")
        code = interrupted()
        sys.stdout.flush()
        os._exit(code)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
