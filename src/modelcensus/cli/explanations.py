"""Explanations as text and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from rich.text import Text

from modelcensus.cli.output import Out, Row, cell, facts, say, table
from modelcensus.cli.text import moment, value, visible
from modelcensus.core.native import Difference, Explanation, Facts, Ruling, Stage

_COLOURS = {Stage.ACTIVE: "green", Stage.DEPRECATED: "yellow", Stage.RETIRED: "red", Stage.UNKNOWN: "dim"}
_CHANGE = "to change that, write a rule of your own and set native_filter: see docs/howto/native-prices.md"


def details(out: Out, found: list[Explanation]) -> None:
    """Each explanation in full."""
    for place, each in enumerate(found):
        if place:
            out.line()
        say(out, Text.assemble((visible(each.key), "bold"), f"  ({visible(each.source)}, {each.category})"))
        facts(out, _rows(each))
        _prices(out, each)


def _rows(each: Explanation) -> Iterator[tuple[str, object]]:
    if each.name and each.name != each.key:
        yield "name", each.name
    yield "state", _state(each)
    for held in each.quarantined:
        yield "in quarantine", cell(f"sync {held.sync_id}: {held.fault} at {held.place}; {held.hint}", "yellow")
    if each.ruling:
        yield "text LLM", _ruling(each.ruling)
        if not each.ruling.kept:
            yield "", _CHANGE
    if each.lifecycle:
        yield "lifecycle", cell(each.lifecycle.stage.value, _COLOURS[each.lifecycle.stage])
        for place, words in enumerate(each.lifecycle.evidence):
            yield "" if place else "because", words
        if each.lifecycle.successor:
            yield "successor", each.lifecycle.successor
    for place, limit in enumerate(each.limits):
        instead = f"; not {limit.instead_of}" if limit.instead_of else ""
        yield "" if place else "limits", f"{limit.name} {limit.tokens:,} tokens: {limit.said_by}{instead}"
    if each.facts:
        yield from _noted(each.facts)
    yield "price", each.price


def _noted(noted: Facts) -> Iterator[tuple[str, object]]:
    words = {
        "reads": ", ".join(noted.reads),
        "answers in": ", ".join(noted.answers),
        "knows until": noted.knowledge_cutoff or "",
    }
    for name, text in words.items():
        if text:
            yield name, f"{text}: {noted.origin}"
    if noted.note:
        yield "note", noted.note


def _state(each: Explanation) -> Text:
    if each.observed_at is None:
        return cell("it was never understood", "yellow")
    if each.vanished_at is not None:
        return cell(f"vanished {moment(each.vanished_at)}: this is what it said last", "yellow")
    return cell(f"live, as it is since {moment(each.observed_at)}")


def _ruling(ruling: Ruling) -> Text:
    verdict = ("kept", "green") if ruling.kept else ("excluded", "yellow")
    by = f" (rule '{visible(ruling.rule)}', {visible(str(ruling.origin))})" if ruling.rule else ""
    return Text.assemble(verdict, f": {visible(ruling.why)}{by}")


def _prices(out: Out, each: Explanation) -> None:
    if each.facts and each.priced:
        out.line()
        tiers = each.facts.tiers
        columns = ("price", ">USD per million", *(f">above {tier.above:,} tokens" for tier in tiers))
        above = [tier.rates.known() for tier in tiers]
        table(
            out,
            columns,
            [
                (name, dollars(price), *(dollars(tier[name]) if name in tier else "-" for tier in above))
                for name, price in each.facts.rates.known().items()
            ],
        )
    elif each.upstream_prices:
        out.line()
        table(out, ("field", ">as stated"), [(path, value(stated)) for path, stated in each.upstream_prices])


def dollars(price: Decimal) -> str:
    """A price exactly, with two places at least."""
    text = format(price, "f")
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"


def listing(out: Out, found: Iterable[Explanation], *, excluded_only: bool) -> None:
    """Models at a glance, one a line, and how many there are of which kind."""
    counts = {"kept": 0, "excluded": 0, "without": 0}

    def rows() -> Iterator[Row]:
        for each in found:
            counts["excluded" if each.excluded else "kept"] += 1
            counts["without"] += not each.excluded and each.ruling is not None and not each.priced
            yield _glance(each)

    columns = ("key", "|source", ">input", ">output", ">context", "|lifecycle", "text LLM")
    table(out, columns, rows())
    if excluded_only:
        words = f"{counts['excluded']:,} excluded"
    else:
        words = f"{counts['kept']:,} kept, {counts['excluded']:,} excluded; no price is known for {counts['without']:,}"
        words += " of those kept"
    say(out, cell(f"{words}. Prices are USD per million tokens; 'modelcensus explain KEY' tells more.", "dim"))


def _glance(each: Explanation) -> Row:
    rates = each.facts.rates if each.facts and each.priced else None
    window = next((limit.tokens for limit in each.limits if limit.name in ("context", "max_input")), None)
    stage = each.lifecycle.stage if each.lifecycle else None
    return (
        each.key,
        each.source,
        dollars(rates.input) if rates and rates.input is not None else "-",
        dollars(rates.output) if rates and rates.output is not None else "-",
        f"{window:,}" if window else "-",
        cell(stage.value, _COLOURS[stage]) if stage else "-",
        _verdict(each),
    )


def _verdict(each: Explanation) -> Text:
    if each.ruling is None:
        return cell("-")
    return cell("kept", "green") if each.ruling.kept else cell(f"excluded: {each.ruling.rule or 'no rule'}", "yellow")


def differing(out: Out, found: list[Difference]) -> None:
    """Prices on which a file and a catalog differ."""
    rows = [(each.name, each.price, dollars(each.ours), dollars(each.theirs), each.catalog) for each in found]
    table(out, ("model", "|price", ">file", ">catalog", "|says"), rows)
    count = len(found)
    say(out, cell(f"{count:,} {'price differs' if count == 1 else 'prices differ'}; USD per million tokens", "dim"))
