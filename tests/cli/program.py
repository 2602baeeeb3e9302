"""The program as tests use it: run on arguments in a folder of its own, with payloads in OpenRouter's shape."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.forking import FORKS, SECONDS

FOREIGN = ("OPENROUTER_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "HF_TOKEN",
           "AA_API_KEY", "ARTIFICIAL_ANALYSIS_API_KEY")  # fmt: skip
"""Names without our prefix that a developer may have set."""
_PROGRAM = (sys.executable, "-m", "modelcensus")
_SOURCE = str(Path(__file__).parents[2] / "src")


def environment(**more: str) -> dict[str, str]:
    """Ours alone; whoever serves does so without a worker, which takes seconds to load and would sync."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MODELCENSUS_", "DATABASE_URL"))}
    for name in ("COLUMNS", "FORCE_COLOR", *FOREIGN):
        kept.pop(name, None)
    return {**kept, "PYTHONPATH": _SOURCE, "MODELCENSUS_WORKER__SERVE": "false", **more}


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass
class Program:
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, **env: str) -> Ran:
        given = environment(**{**self.env, **env})
        # Modules of a path of its own cannot be loaded already.
        own = given["PYTHONPATH"] != _SOURCE
        ran = self._run(words, given) if own else Ran(*FORKS.run(words, self.folder, given))
        assert "Traceback" not in ran.err or "MODELCENSUS_DEBUG" in env, ran.err
        return ran

    def _run(self, words: tuple[str, ...], env: Mapping[str, str]) -> Ran:
        done = subprocess.run(
            [*_PROGRAM, *words], cwd=self.folder, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, **env: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*_PROGRAM, *words],
            cwd=self.folder,
            env=environment(**{**self.env, **env}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def beginning_as(self, made: Path) -> Program:
        """This program, after its folder has become a copy of one that was made before."""
        shutil.copytree(made, self.folder, dirs_exist_ok=True)
        return self

    @property
    def database(self) -> Path:
        return self.folder / "data" / "modelcensus.db"

    def keep(self, time: str, *models: dict[str, Any]) -> Path:
        """Write a reading, observed at a time such as ``20260301T120000Z``."""
        folder = self.folder / "readings"
        folder.mkdir(exist_ok=True)
        (folder / f"{time}.json").write_text(json.dumps({"data": list(models)}))
        return folder

    def read(self) -> Ran:
        return self("import", "readings", "--source", "openrouter", "--category", "model")


def a_model(key: str = "lab/one", *, prompt: str = "0.000001", **more: Any) -> dict[str, Any]:
    return {
        "id": key, "name": f"Lab: {key}", "created": 1700000000, "context_length": 8192,
        "pricing": {"prompt": prompt, "completion": "0.000002"}, "supported_parameters": ["tools", "seed"], **more,
    }  # fmt: skip
