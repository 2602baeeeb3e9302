"""The how-to of the local upstream says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "local-upstream.md"
BLOCKS = re.findall(r"```python\n(.*?)```", HOWTO.read_text(), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_every_example_of_the_howto_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "recorded" / "openrouter" / "models"
    folder.mkdir(parents=True)
    (folder / "1.json").write_bytes(b"[]")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, HOWTO.name, "exec"), {})
