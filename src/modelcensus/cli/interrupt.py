"""Ctrl-C while threads are waiting for slow upstreams."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from modelcensus.cli.exits import interrupted

_LAST_SECONDS = 2.0
"""What is to be done first gets so long."""


@contextmanager
def stops_at_once() -> Iterator[list[Callable[[], None]]]:
    """Ctrl-C ends the process inside this block without waiting for its threads.

    A thread in the middle of a request can take minutes, and a killed process leaves nothing half-recorded. What is on
    the list that the block gets is done first, if it takes no time.
    """
    first: list[Callable[[], None]] = []

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if sys.stderr.isatty():
            # The progress bar hides the cursor.
            sys.stderr.write("\x1b[?25h")
        # In threads: this one was stopped wherever it was, perhaps with a lock in its hands.
        last = [threading.Thread(target=each, daemon=True) for each in first]
        for thread in last:
            thread.start()
        for thread in last:
            thread.join(_LAST_SECONDS)
        code = interrupted()
        sys.stdout.flush()
        os._exit(code)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield first
    finally:
        signal.signal(signal.SIGINT, before)


def leave_threads() -> None:
    """End the process now, in success, if threads of it would keep it: those of syncs that wait for slow upstreams."""
    here = threading.current_thread()
    if any(thread is not here and not thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
