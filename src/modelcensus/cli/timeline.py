"""Versions, changes and values over time, as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.text import Text

from modelcensus.cli import chart
from modelcensus.cli.output import Out, cell, chart_width, lines_cell, say, table
from modelcensus.cli.text import both, moment, value, visible
from modelcensus.core import canonical
from modelcensus.core.change import ABSENT, ChangeKind, FieldChange
from modelcensus.core.change import differences as field_differences
from modelcensus.core.records import Change, Version
from modelcensus.operations.browse import FieldValue

_SIGNS = {
    ChangeKind.APPEARED: ("+", "green"),
    ChangeKind.ALTERED: ("~", "yellow"),
    ChangeKind.VANISHED: ("-", "red"),
    ChangeKind.REAPPEARED: ("^", "green"),
}


def changes(out: Out, found: Iterable[Change], *, full: bool, limit: int | None) -> None:
    """Changes under the time and source they belong to."""
    count = 0
    last: tuple[int, str] | None = None
    for change in found:
        count += 1
        place = (change.observed_at, change.source)
        if place != last:
            say(out, Text.assemble((moment(change.observed_at), "bold"), f"  {visible(change.source)}"))
            last = place
        _one(out, change, full)
    if not count:
        say(out, "nothing changed")
    elif count == limit:
        say(out, cell(f"the newest {count} changes; more with --limit or --since", "dim"))


def differences(out: Out, found: Iterable[Change], *, full: bool) -> None:
    """Differences under the source they belong to, and how many there are of each kind."""
    kinds: Counter[ChangeKind] = Counter()
    last: str | None = None
    for change in found:
        kinds[change.kind] += 1
        if change.source != last:
            say(out, Text(visible(change.source), style="bold"))
            last = change.source
        _one(out, change, full)
    total = ", ".join(f"{kinds[kind]:,} {kind.value}" for kind in ChangeKind if kinds[kind])
    say(out, cell(total or "no difference", "dim"))


def _one(out: Out, change: Change, full: bool) -> None:
    sign, style = _SIGNS[change.kind]
    say(
        out,
        Text.assemble(
            (f"{sign} {change.kind.value:<10} ", style), f"{change.category:<8} ", (visible(change.key), "bold")
        ),
        indent=2,
        hang=4,
    )
    for field in change.fields:
        say(out, field_line(field, full=full), indent=6, hang=4)


def field_line(field: FieldChange, *, full: bool) -> Text:
    """``path  before -> after``; of an array, what came and what went."""
    line = Text.assemble((visible(field.path) or "(all)", "cyan"), "  ", overflow="fold")
    if field.added or field.removed:
        parts = [f"added: {_items(field.added)}"] if field.added else []
        parts += [f"removed: {_items(field.removed)}"] if field.removed else []
        return line.append("   ".join(parts))
    if isinstance(field.before, list) and isinstance(field.after, list):
        return line.append("same elements, in another order")
    before, after = both(field.before, field.after, full=full)
    return line.append(f"{before} → {after}")


def _items(items: Iterable[object]) -> str:
    return ", ".join(value(item) for item in items)


def versions(out: Out, found: list[Version], *, full: bool) -> None:
    """Each entity's versions, and what is different in each from the one before."""
    places = list(dict.fromkeys((version.source, version.category) for version in found))
    for number, place in enumerate(places):
        mine = [version for version in found if (version.source, version.category) == place]
        if number:
            out.line()
        say(out, Text.assemble((visible(mine[0].key), "bold"), f"  ({visible(place[0])}, {place[1]})"))
        table(out, ("|observed (UTC)", ">sync", "what happened"), _version_rows(mine, full))


def _version_rows(found: list[Version], full: bool) -> Iterator[tuple[str, str, Text]]:
    before = last = None
    for version in found:
        data = canonical.decode(bytes(version.data)) if version.data is not None else None
        if data is None:
            what = cell("vanished", "red")
        elif last is None:
            what = cell("reappeared" if before else "appeared", "green")
            if before and (fields := [*field_differences(before, data)]):
                what = lines_cell([what, *(field_line(field, full=full) for field in fields)])
        else:
            what = lines_cell(field_line(field, full=full) for field in field_differences(last, data))
        last, before = data, data or before
        yield moment(version.observed_at), str(version.sync_id), what


def values(out: Out, field: str, found: list[FieldValue], until: int) -> None:
    """The values of a field where it changed, and their chart if they are numbers."""
    rows = ((moment(each.observed_at), str(each.sync_id or "-"), _shown(each.value)) for each in found)
    table(out, ("|from (UTC)", ">sync", visible(field)), rows)
    if chart.drawable([each.value for each in found]):
        out.line()
        drawn = chart.step_chart([(each.observed_at, each.value) for each in found], until, chart_width())
        out.file.write(drawn + "\n")


def _shown(thing: object) -> Text:
    if thing is ABSENT:
        return cell("(absent)", "dim")
    # A price as text is shown digit by digit as upstream wrote it.
    return cell(thing if isinstance(thing, str) and chart.number(thing) is not None else value(thing))
