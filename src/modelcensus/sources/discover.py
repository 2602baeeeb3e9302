"""Adapters that other packages bring: each names itself by an entry point of the group ``modelcensus.sources``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from importlib import metadata

import msgspec

from modelcensus.sources.adapter import Adapter, Call

GROUP = "modelcensus.sources"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Rejected(msgspec.Struct, frozen=True):
    """An entry point that is not used: its name, the package that brings it, and why, in one line."""

    name: str
    package: str
    problem: str

    def __str__(self) -> str:
        return f"the adapter '{self.name}' of {self.package} is not used: {self.problem}"


class Found(msgspec.Struct, frozen=True):
    """The adapters of other packages by name, and what had to be left out."""

    adapters: dict[str, Adapter]
    rejected: tuple[Rejected, ...] = ()


def discover(taken: Collection[str], entry_points: Iterable[metadata.EntryPoint] | None = None) -> Found:
    """Every usable adapter that an installed package brings.

    ``taken`` are the names that are given already. A package that cannot be used is told of, never raised.
    """
    adapters: dict[str, Adapter] = {}
    rejected: list[Rejected] = []
    installed = metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    for entry in sorted(installed, key=lambda each: (_package(each), each.name)):
        problem, adapter = _loaded(entry)
        if adapter and adapter.name in taken:
            problem = f"the name '{adapter.name}' is that of a built-in adapter"
        elif adapter and adapter.name in adapters:
            problem = f"another package brings an adapter '{adapter.name}' too"
        if adapter and not problem:
            adapters[adapter.name] = adapter
        else:
            rejected.append(Rejected(entry.name, _package(entry), problem))
    return Found(adapters, tuple(rejected))


def _loaded(entry: metadata.EntryPoint) -> tuple[str, Adapter | None]:
    """Why it cannot be used (empty if it can), and the adapter."""
    try:
        thing = entry.load()
    except (Exception, SystemExit) as error:
        # Whatever a stranger's module does while it is imported, our program starts.
        return f"{entry.value} cannot be imported ({type(error).__name__}: {_line(error)})", None
    if not isinstance(thing, Adapter):
        return f"{entry.value} is no Adapter but a {type(thing).__name__}", None
    return _unfit(thing), thing


def _unfit(adapter: Adapter) -> str:
    if not _NAME.fullmatch(str(adapter.name)):
        return "its name must be small letters, digits and dashes, at most 63"
    if not adapter.calls or not all(isinstance(call, Call) for call in adapter.calls):
        return "it has no calls"
    covered = adapter.categories
    if len(set(covered)) != len(covered):
        return "two of its calls cover the same category"
    return ""


def _package(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value.partition(":")[0]


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or "no message"
