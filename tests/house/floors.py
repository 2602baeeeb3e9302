"""The floors: imports only go down, no circles, a pure core. A second opinion to import-linter, in plain AST."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.house.tree import modules

PACKAGE = "modelcensus"
FLOORS = {
    "core": 0,
    "version": 0,
    "sources": 1,
    "store": 1,
    "feeds": 1,
    "upstream": 1,
    "logs": 1,
    "settings": 1,
    "operations": 2,
    "wiring": 3,
    "serving": 4,
    "api": 5,
    "web": 5,
    "worker": 5,
    "library": 5,
    "mcp_server": 5,
    "server": 6,
    "cli": 7,
    "__main__": 8,
}
_IMPURE_MODULES = frozenset(
    {
        "alembic",
        "asyncio",
        "fastapi",
        "http",
        "httpx2",
        "io",
        "logging",
        "os",
        "pathlib",
        "psycopg",
        "random",
        "rich",
        "secrets",
        "shutil",
        "socket",
        "sqlalchemy",
        "sqlite3",
        "stamina",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "typer",
        "urllib",
        "uvicorn",
    }
)
_IMPURE_CALLS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "open", "print", "input"}
)


@dataclass(frozen=True)
class Import:
    """One import: the file and line where it stands, and the dotted names of both ends."""

    path: Path
    line: int
    importer: str
    target: str

    @property
    def place(self) -> str:
        """File and line for a message."""
        return f"{self.path}:{self.line}"


def broken_floors(root: Path) -> list[str]:
    """Imports that go up or sideways, and rooms without a floor."""
    found = []
    for link in _imports(root):
        below, above = _room(link.target), _room(link.importer)
        if not below or not above or below == above:
            continue
        if missing := {below, above} - FLOORS.keys():
            found.append(f"{link.place}: '{missing.pop()}' has no floor: give it one in FLOORS and in pyproject.toml")
        elif FLOORS[below] >= FLOORS[above]:
            way = "sideways" if FLOORS[below] == FLOORS[above] else "up"
            found.append(
                f"{link.place}: {above} imports {below}, which is {way}: imports only go down; what joins two rooms "
                "lives in operations or wiring, what needs neither lives in core"
            )
    return list(dict.fromkeys(found))


def import_circles(root: Path) -> list[str]:
    """Files that cannot be read one after the other."""
    graph: dict[str, set[str]] = {}
    for link in _imports(root):
        if link.target != link.importer:
            graph.setdefault(link.importer, set()).add(link.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"circle: {' <- '.join(error.args[1])}: move what both need into a third file below them"]
    return []


def impure_core(root: Path) -> list[str]:
    """What the core must not know: I/O, clocks, SQL, HTTP, logging, chance."""
    reason = "the core is values and pure functions; take it as an argument, or do it a floor higher"
    found = [
        f"{link.place}: core imports {link.target}: {reason}"
        for link in _imports(root, inside_only=False)
        if _room(link.importer) == "core" and link.target.split(".")[0] in _IMPURE_MODULES
    ]
    for path, tree in modules(root):
        if f"{PACKAGE}/core/" in path.as_posix():
            found += [
                f"{path.relative_to(root)}:{node.lineno}: core calls {name}(): {reason}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and (name := _called(node)) in _IMPURE_CALLS
            ]
    return found


def _imports(root: Path, *, inside_only: bool = True) -> Iterator[Import]:
    """Every import of the package's files, also those hidden in functions."""
    source = root / "src"
    trees = {_dotted(path.relative_to(source)): (path, tree) for path, tree in modules(root) if source in path.parents}
    for importer, (path, tree) in trees.items():
        for node in ast.walk(tree):
            for target in _targets(node, importer, is_package=path.stem == "__init__"):
                # 'from a import b' means the module a.b where there is one, else a name inside a.
                module = target if target in trees or not target.startswith(PACKAGE) else target.rpartition(".")[0]
                if not inside_only or module.split(".")[0] == PACKAGE:
                    yield Import(path.relative_to(root), getattr(node, "lineno", 0), importer, module)


def _targets(node: ast.AST, importer: str, *, is_package: bool) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        ups = node.level - 1 if is_package else node.level
        stem = importer.split(".")[: len(importer.split(".")) - ups]
        base = ".".join([*stem, *([base] if base else [])])
    return [f"{base}.{alias.name}" for alias in node.names]


def _dotted(relative: Path) -> str:
    parts = relative.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(dotted: str) -> str:
    """``modelcensus.store.engine`` lives in ``store``; the package itself lives nowhere."""
    package, _, rest = dotted.partition(".")
    return rest.split(".")[0] if package == PACKAGE else ""


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    if isinstance(call.func, ast.Attribute):
        inner = call.func.value
        owner = inner.id if isinstance(inner, ast.Name) else inner.attr if isinstance(inner, ast.Attribute) else ""
        return f"{owner}.{call.func.attr}"
    return ""
