from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are whole: a test runner may say how wide its terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)
