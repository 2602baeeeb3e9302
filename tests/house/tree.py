"""Which files belong to the house, and their parsed form. Every rule takes a root, so that a test can plant one."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = frozenset(
    {
        ".git",
        ".venv",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        "__pycache__",
        "data",
        "dist",
        "build",
    }
)


def files(root: Path) -> list[Path]:
    """Every file git tracks or would track; without a repository, every file that no tool made."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode().split("\0")
        return sorted(path for name in listed if name and (path := root / name).is_file())
    return sorted(path for path in root.rglob("*") if path.is_file() and not _NOT_OURS & set(path.parts))


def modules(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file with its tree."""
    for path in files(root):
        if path.suffix == ".py":
            yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def plant(root: Path, **texts: str) -> Path:
    """Write files below a root; in a name, ``__`` stands for ``/`` and the end ``_md`` for ``.md`` (else ``.py``)."""
    for name, text in texts.items():
        stem, suffix = (name[:-3], ".md") if name.endswith("_md") else (name, ".py")
        path = root / (stem.replace("__", "/") + suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
