"""Rules for everything that is not code: links that lead somewhere, no registry hosts, one kind of lock file."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from tests.house.tree import files

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_ELSEWHERE = re.compile(r"^([a-z][a-z0-9+.-]*:|#|//)", re.IGNORECASE)
# In two halves, so that this file may be held to its own rule.
_REGISTRIES = tuple(
    f"{name}.{rest}"
    for name, rest in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("yarnpkg", "com"),
        ("anaconda", "org"),
        ("deb.debian", "org"),
        ("security.debian", "org"),
        ("archive.ubuntu", "com"),
    )
)


def dead_links(root: Path) -> list[str]:
    """Relative links of Markdown files whose target does not exist."""
    found = []
    for path in files(root):
        if path.suffix != ".md":
            continue
        for link in _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
            target = unquote(link.partition("#")[0])
            if not _ELSEWHERE.match(link) and not (path.parent / target).exists():
                found.append(f"{path.relative_to(root)}: the link {link} leads nowhere: correct it or write the page")
    return found


def registry_hosts(root: Path) -> list[str]:
    """Files that name a package registry's host."""
    found = []
    for path in files(root):
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [
            f"{path.relative_to(root)}: names {host}: people install from their own mirrors; name the package only"
            for host in _REGISTRIES
            if host in text
        ]
    return found


def foreign_locks(root: Path) -> list[str]:
    """Lock files other than requirements/*.txt."""
    names = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"}
    return [
        f"{path.relative_to(root)}: requirements/*.txt is the one lock (make lock), and a uv.lock names registry hosts"
        for path in files(root)
        if path.name in names
    ]
