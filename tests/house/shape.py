"""Rules of size and names. Each gives its violations as sentences with the reason inside."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.tree import modules

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
_NO_ROOMS = frozenset({"util", "utils", "helper", "helpers", "manager", "managers", "service", "services"})
_NO_CLASSES = re.compile(r"(Manager|Service|Utils?|Helpers?)$")


def long_files(root: Path) -> list[str]:
    """Files nobody reads to the end."""
    return [
        f"{path.relative_to(root)}: {lines} lines, at most {MAX_FILE_LINES}: it holds two things, part them"
        for path, _ in modules(root)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE_LINES
    ]


def long_functions(root: Path) -> list[str]:
    """Functions that do not fit on a screen."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: {node.name} has {lines} lines, at most {MAX_FUNCTION_LINES}: "
        "name its steps and make them functions"
        for path, tree in modules(root)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]


def empty_names(root: Path) -> list[str]:
    """Names that say nothing of what lives inside, and so end up with everything inside."""
    found = []
    for path, tree in modules(root):
        where = path.relative_to(root)
        if _NO_ROOMS & {part.removesuffix(".py") for part in where.parts}:
            found.append(f"{where}: '{where.stem}' is no room: name the file after what it knows")
        found += [
            f"{where}:{node.lineno}: class {node.name}: name it after what it is or does, not that it does things"
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and _NO_CLASSES.search(node.name)
        ]
    return found
