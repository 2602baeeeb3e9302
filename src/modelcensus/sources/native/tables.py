"""TOML files that people write: read with a bound, and checked field by field with the place in every complaint."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from modelcensus.core.errors import SettingsError
from modelcensus.core.native import Origin

MAX_BYTES = 4 * 1024 * 1024
_ADDRESS = re.compile(r"https://[^\s/?#@]+\.[^\s/?#@]+([/?#]\S*)?")


class Table(msgspec.Struct, frozen=True):
    """One table of a file: its members, where it stands, and how a complaint names it."""

    members: dict[str, Any]
    origin: Origin
    label: str

    def wrong(self, problem: str, hint: str) -> SettingsError:
        """The complaint."""
        return SettingsError(f"{self.label}: {problem}", hint)

    def only(self, known: Collection[str]) -> None:
        """Raises ``SettingsError`` for a member that is not ``known``."""
        for name in self.members:
            if name not in known:
                raise self.wrong(f"there is no field '{name}'", f"the fields are: {', '.join(sorted(known))}")

    def text(self, name: str) -> str | None:
        """A text. Raises ``SettingsError``."""
        value = self.members.get(name)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.wrong(f"'{name}' must be a text", f'write {name} = "..."')
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; () where there is none. Raises ``SettingsError``."""
        value = self.members.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self.wrong(f"'{name}' must be a list of texts", f'write {name} = ["...", "..."]')
        return tuple(value)

    def flag(self, name: str) -> bool:
        """True or false; false where there is none. Raises ``SettingsError``."""
        value = self.members.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(f"'{name}' must be true or false", f"write {name} = true")
        return value

    def tokens(self, name: str) -> int | None:
        """A number of tokens. Raises ``SettingsError``."""
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 1_000_000_000:
            raise self.wrong(f"'{name}' must be a whole number of tokens above 0", f"write {name} = 128_000")
        return value

    def day(self, name: str) -> date | None:
        """A date. Raises ``SettingsError``."""
        value = self.members.get(name)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise self.wrong(f"'{name}' must be a date", f"write {name} = 2026-03-01, without quotes")
        return value

    def address(self, name: str) -> str | None:
        """An https address. Raises ``SettingsError``."""
        value = self.text(name)
        if value is not None and (len(value) > 2000 or not _ADDRESS.fullmatch(value)):
            raise self.wrong(f"'{name}' must be an address", f'write {name} = "https://..."')
        return value


class Paper(msgspec.Struct, frozen=True):
    """A file read: its name for messages, what stands at its top, and its entries."""

    file: str
    top: Table
    entries: tuple[Table, ...]


def shipped(name: str) -> str:
    """The text of a file that comes with the program."""
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def own(path: Path) -> str:
    """The text of a file of the user's. Raises ``SettingsError``."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SettingsError(f"{path} is larger than {MAX_BYTES:,} bytes", "part it, or take out what is not needed")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {_reason(error)}", "correct the file or the setting") from error


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "it cannot be opened") if isinstance(error, OSError) else "it is not UTF-8"


def read(text: str, file: str, entry: str, *, mine: bool) -> Paper:
    """The tables of a file; its entries are the array ``entry``. Raises ``SettingsError``."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise SettingsError(f"{file} is not valid TOML: {error}", "correct the file") from error
    found = content.pop(entry, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise SettingsError(f"{file}: '{entry}' must be entries", f"write [[{entry}]] before each")
    lines = _lines(text, entry, len(found))
    entries = []
    for number, (members, line) in enumerate(zip(found, lines, strict=True), 1):
        origin = Origin(file=file, number=number, line=line, own=mine)
        entries.append(Table(members, origin, f"{origin}{_named(members)}"))
    return Paper(file, Table(content, Origin(file=file, number=0, own=mine), file), tuple(entries))


def _named(members: dict[str, Any]) -> str:
    name = members.get("name") or members.get("ids")
    name = name[0] if isinstance(name, list) and name else name
    return f" ({name})" if isinstance(name, str) else ""


def _lines(text: str, entry: str, count: int) -> list[int] | list[None]:
    """The line on which each entry begins. Nothing rather than a guess: TOML can be written otherwise."""
    head = re.compile(rf"\s*\[\[\s*{re.escape(entry)}\s*\]\]")
    lines = [number for number, line in enumerate(text.split("\n"), 1) if head.match(line)]
    return lines if len(lines) == count else [None] * count
