"""Drift and quality as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from modelcensus.cli.output import Out, cell, lines_cell, say, table
from modelcensus.cli.text import moment, visible
from modelcensus.core.check import Severity
from modelcensus.core.drift import DriftEvent, DriftKind
from modelcensus.core.quality import HINTS, EntityFinding, FindingKind, Score

if TYPE_CHECKING:
    from modelcensus.operations.inspect import Count, Quality

_STYLES = {
    DriftKind.NEW: "green", DriftKind.MISSING: "red", DriftKind.RETYPED: "yellow", DriftKind.VALUE: "cyan",
}  # fmt: skip
_GOOD, _FAIR = 95.0, 80.0


def drift(out: Out, events: list[DriftEvent], limit: int) -> None:
    """Drift events, one a line."""
    columns = ("|seen (UTC)", "|source", "|category", "|drift", "field", "detail", "first in", ">times")
    rows = (
        (
            moment(event.last_observed_at), event.source, event.category, cell(event.kind.value, _STYLES[event.kind]),
            event.path or "-", event.detail, event.key or "-", f"{event.times:,}",
        )
        for event in events
    )  # fmt: skip
    if not table(out, columns, rows):
        say(out, "no drift: every field is as it was when the source was first read in full")
    elif len(events) == limit:
        say(out, cell("there may be more: use --limit", "dim"))


def quality(out: Out, found: Quality) -> None:
    """Scores, counts, and findings with what to do."""
    columns = ("|source", "|category", ">score", ">change", ">entities", ">errors", ">warnings", "|as of (UTC)")
    if not table(out, columns, map(_score, found.scores)):
        say(out, "nothing is judged yet: run 'modelcensus sync'")
        return
    if not found.counts:
        say(out, "no findings")
        return
    out.line()
    table(out, ("|source", "|category", "|severity", "|about", ">findings"), map(_count, found.counts))
    if not found.findings:
        return
    out.line()
    table(out, ("|severity", "|about", "entity", "field", "found", "|since (UTC)"), map(_finding, found.findings))
    _hints(out, found)


def _score(score: Score) -> tuple[Text | str, ...]:
    return (
        score.source, score.category, _points(score.score), _change(score.change), f"{score.entities:,}",
        f"{score.errors:,}", f"{score.warnings:,}", moment(score.observed_at),
    )  # fmt: skip


def _points(score: float | None) -> Text:
    if score is None:
        return cell("-", "dim")
    return cell(f"{score:.1f}", "green" if score >= _GOOD else "yellow" if score >= _FAIR else "red")


def _change(change: float | None) -> Text:
    if change is None:
        return cell("-", "dim")
    return cell(f"{change:+.1f}", "green" if change > 0 else "red") if change else cell("=", "dim")


def _count(count: Count) -> tuple[Text | str, ...]:
    return count.source, count.category, _severity(count.severity), count.kind, f"{count.findings:,}"


def _severity(severity: str) -> Text:
    return cell(severity, "red" if severity == Severity.ERROR else "yellow")


def _finding(found: EntityFinding) -> tuple[Text | str, ...]:
    entity = lines_cell([cell(found.key), cell(f"{found.source}, {found.category}", "dim")])
    return (
        _severity(found.severity), found.kind.value, entity, found.path or "-", found.detail, moment(found.observed_at),
    )  # fmt: skip


def _hints(out: Out, found: Quality) -> None:
    shown = {finding.kind for finding in found.findings}
    for kind in FindingKind:
        if kind in shown:
            say(out, Text.assemble((f"{kind.value}: ", "dim"), visible(HINTS[kind])))
    total = sum(count.findings for count in found.counts)
    if len(found.findings) < total:
        say(out, cell(f"{len(found.findings):,} of {total:,} findings; see more with --source and --limit", "dim"))
