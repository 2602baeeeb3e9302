"""A headless Chromium for the tests of pages, driven by Playwright with the machine's own browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The browser is a process of its own, which the guard in tests/sockets.py cannot see.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class BrowserMissing(RuntimeError):
    """There is no Chromium on this machine; the message says what to do."""


def find_chromium() -> Path:
    """The browser's program: what ``CHROMIUM`` names, or the first one on the PATH."""
    if chosen := os.environ.get("CHROMIUM"):
        if os.access(chosen, os.X_OK):
            return Path(chosen)
        raise BrowserMissing(f"CHROMIUM names {chosen}, which is no program; correct it or unset it")
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise BrowserMissing(
        "no Chromium for the tests of pages: run 'make browser', or set CHROMIUM=/path/to/chromium, "
        "or set MODELCENSUS_NO_BROWSER=1 to skip them"
    )


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser, closed at the end of the block."""
    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS), headless=True)
        try:
            yield browser
        finally:
            browser.close()
