"""Sources and entities as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from rich.text import Text

from modelcensus.cli.output import Out, cell, facts, lines_cell, say, table
from modelcensus.cli.text import moment, shortened, size, value, visible
from modelcensus.core import canonical
from modelcensus.core.change import differences
from modelcensus.core.records import Entity, Quarantined, SourceState, Stats, Version


class _Named(msgspec.Struct):
    name: Any = None


def name_of(version: Version) -> str:
    """The display name in an entity, if it has one."""
    try:
        name = msgspec.json.decode(version.data, type=_Named).name if version.data is not None else None
    except msgspec.DecodeError:
        return ""
    return name if isinstance(name, str) else ""


def matches(version: Version, text: str) -> bool:
    """Whether the key or the name contains the text, whatever its case."""
    text = text.casefold()
    return text in version.key.casefold() or text in name_of(version).casefold()


def sources(out: Out, states: list[SourceState]) -> None:
    """The configured sources."""
    columns = ("source", "state", ">entities", "|last sync", "|last good (UTC)")
    table(out, columns, map(_standing, states))


def _standing(state: SourceState) -> tuple[Text, Text, str, str, str]:
    return (
        lines_cell(_named(state)),
        _state(state),
        f"{state.entities:,}",
        state.last_sync.status.value if state.last_sync else "-",
        moment(state.last_good_at),
    )


def _named(state: SourceState) -> Iterator[Text]:
    region = f" ({state.region})" if state.region else ""
    yield cell(f"{state.name}{region}", "bold")
    if state.base_url:
        yield cell(state.base_url, "dim")
    if state.attribution:
        yield cell(f"data by {state.attribution}", "dim")


def _state(state: SourceState) -> Text:
    if not state.enabled:
        return cell("off", "dim")
    if state.needs_key and not state.has_key:
        return cell(f"needs a key: set sources.{state.name}.key", "yellow")
    return cell("ready", "green")


def listing(out: Out, versions: Iterator[Version], time: int) -> None:
    """Entities, one a line."""
    columns = ("key", "name", "|source", "|category", "|since (UTC)")
    rows = (
        (version.key, name_of(version), version.source, version.category, moment(version.observed_at))
        for version in versions
    )
    count = table(out, columns, rows)
    say(out, cell(f"{count:,} {'entity' if count == 1 else 'entities'} as of {moment(time)}", "dim"))


def details(out: Out, entities: list[Entity]) -> None:
    """Every field of each entity."""
    for place, entity in enumerate(entities):
        version = entity.version
        if place:
            out.line()
        say(out, Text.assemble((visible(version.key), "bold"), f"  ({version.source}, {version.category})"))
        facts(
            out,
            [
                (
                    "state",
                    cell("live", "green") if entity.live else cell("vanished: this is what it said last", "yellow"),
                ),
                ("first seen", moment(entity.first_observed_at)),
                ("as it is since", moment(version.observed_at)),
                ("versions", f"{entity.versions:,}"),
                ("sha256", version.sha256 or "-"),
                *([("data by", visible(entity.attribution))] if entity.attribution else []),
            ],
        )
        out.line()
        if version.data is not None:
            table(out, ("field", "value"), fields(bytes(version.data)))
        if entity.volatile is not None:
            out.line()
            table(out, ("volatile field", "value now"), fields(bytes(entity.volatile)))


def fields(data: bytes) -> Iterator[tuple[str, str]]:
    """(path, value) of each field, with the paths that ``history --field`` takes."""
    content = canonical.decode(data)
    for field in differences(_skeleton(content), content):
        yield field.path, value(field.after)


def _skeleton(content: Any) -> Any:
    """The objects of a value without anything else, so that every other field differs."""
    if not isinstance(content, dict):
        return None
    return {name: _skeleton(member) for name, member in content.items() if isinstance(member, dict) and member}


def counts(out: Out, stats: Stats) -> None:
    """The census in numbers."""
    facts(
        out,
        [
            ("database", stats.database),
            ("size", size(stats.size_bytes)),
            ("syncs", f"{stats.syncs:,}"),
            ("live entities", f"{stats.live:,}"),
            ("versions", f"{stats.snapshots - stats.tombstones:,}"),
            ("tombstones", f"{stats.tombstones:,}"),
            ("bodies", f"{stats.bodies:,}"),
            ("metric points", f"{stats.metrics:,}"),
            ("quarantined", f"{stats.quarantined:,}"),
            ("first reading", moment(stats.first_observed_at)),
            ("last reading", moment(stats.last_observed_at)),
        ],
    )
    rows = [(source, kind, f"{count:,}") for source, kinds in stats.entities.items() for kind, count in kinds.items()]
    if rows:
        out.line()
        table(out, ("|source", "|category", ">live"), rows)


def quarantined(out: Out, found: Iterable[Quarantined]) -> None:
    """What could not be understood, each with what can be done."""
    count = 0
    for each in found:
        count += 1
        where = f"{each.category or ''} {each.key or ''}".strip()
        say(
            out,
            Text.assemble(
                f"sync {each.sync_id}  {visible(each.source)}  ", (each.fault, "yellow"),
                f"  at {visible(each.place)}  ", (visible(where), "bold"),
            ),
        )  # fmt: skip
        say(out, Text.assemble(("hint: ", "dim"), visible(each.hint)), indent=2)
        say(out, cell(shortened(visible(each.raw)), "dim"), indent=2)
    if not count:
        say(out, "nothing is in quarantine")
