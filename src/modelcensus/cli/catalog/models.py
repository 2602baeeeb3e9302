"""Models of the catalog as tables and in full, with what people set on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from rich.text import Text

from modelcensus.cli.catalog import disagreeing
from modelcensus.cli.catalog.values import columned, field
from modelcensus.cli.output import Out, Row, cell, facts, say, table
from modelcensus.cli.text import moment, visible
from modelcensus.core.catalog.curated import INACTIVE, effectively_enabled, shown_status
from modelcensus.core.catalog.linking import Link
from modelcensus.core.catalog.model import FIELDS, Alias, Curation, Disagreement, Override, Published

_COLUMNS = ("model", "name", "|modality", ">input", ">output", ">context", "|status", "|enabled", "|tiers")
_PLACES = {name: place for place, name in enumerate(FIELDS)}


def listing(out: Out, found: Iterable[tuple[Published, Curation | None]], limit: int | None = None) -> None:
    """Models at a glance, one a line."""
    count = table(out, _COLUMNS, (_glance(model, curation) for model, curation in found))
    if not count:
        say(out, "no such model; the catalog is filled by 'modelcensus plan' and 'modelcensus apply'")
        return
    more = "; more with --limit" if count == limit else ""
    say(out, cell(f"{count:,} models, prices in USD per million tokens{more}", "dim"))


def _glance(model: Published, curation: Curation | None) -> Row:
    shown = {path: field(path, model.fields.get(path)) for path in ("modality", "price.input", "price.output")}
    return (
        model.id,
        name_of(model, curation),
        shown["modality"],
        shown["price.input"],
        shown["price.output"],
        field("context", model.fields.get("context")),
        status(model, curation),
        enabled(model, curation),
        tiers(curation),
    )


def name_of(model: Published, curation: Curation | None) -> str:
    """What people call it: the name a person gave, else upstream's, else its id."""
    return (curation and curation.display_name) or str(model.fields.get("name", model.id))


def status(model: Published, curation: Curation | None) -> Text:
    """The person's word, or ``inactive`` for an archived model."""
    word = shown_status(curation or Curation(model_id=model.id), model.status)
    return cell(word, {"active": "green", "disabled": "yellow", INACTIVE: "red"}.get(word, ""))


def enabled(model: Published, curation: Curation | None) -> Text:
    """Whether it may be used: an archived model never may."""
    on = curation is not None and effectively_enabled(curation, model.status)
    return cell("yes", "green") if on else cell("no", "dim")


def tiers(curation: Curation | None) -> str:
    """The tiers that a model is in, from free on; a dash for none."""
    if curation is None:
        return "-"
    flags = {"free": curation.is_free, "pro": curation.is_pro, "enterprise": curation.is_enterprise}
    return ", ".join(name for name, on in flags.items() if on) or "-"


def details(
    out: Out,
    model: Published,
    curation: Curation | None,
    *,
    aliases: Sequence[Alias] = (),
    overrides: Sequence[Override] = (),
    disagreements: Sequence[Disagreement] = (),
    full: bool = False,
) -> None:
    """One model: what people set, every field with its source, its names, and where sources disagree."""
    say(out, Text(visible(model.id), style="bold"))
    facts(out, _owned(model, curation))
    for override in overrides:
        say(out, override_line(override), indent=2, hang=4)
    out.line()
    _fields(out, model, {override.path for override in overrides}, full=full)
    if aliases:
        out.line()
        names(out, aliases)
    if disagreements:
        out.line()
        say(out, Text("disagreements", style="bold"))
        for each in disagreements:
            disagreeing.one(out, each)


def _owned(model: Published, curation: Curation | None) -> Iterator[tuple[str, object]]:
    yield "name", name_of(model, curation)
    yield "status", status(model, curation)
    yield "enabled", enabled(model, curation)
    yield "tiers", tiers(curation)
    if curation:
        yield "curated", "yes" if curation.is_curated else "no"
        if curation.notes:
            yield "notes", curation.notes
        yield "set by", "a person: rules leave it alone" if curation.touched else "rules, if anything"
    yield "since revision", str(model.since_revision)
    yield "last changed in", str(model.changed_revision)


def _fields(out: Out, model: Published, overridden: set[str], *, full: bool) -> None:
    paths = sorted(model.fields, key=lambda path: (_PLACES.get(path.partition(".")[0], len(FIELDS)), path))
    shown = [field(path, model.fields[path], full=full) for path in paths]
    money = [path.startswith("price.") for path in paths]
    prices = iter(columned([text for text, is_money in zip(shown, money, strict=True) if is_money]))
    rows = []
    for path, text, is_money in zip(paths, shown, money, strict=True):
        origin = model.origins.get(path)
        said = f"{origin.source} {origin.key}" if origin else "-"
        since = moment(origin.observed_at) if origin else "-"
        says = cell("a person", "yellow") if path in overridden else cell(said)
        rows.append((path, next(prices) if is_money else text, says, since))
    table(out, ("|field", "value", "from", "|said (UTC)"), rows)


def override_line(override: Override) -> Text:
    """``price.input = 2.00 (upstream: 3.00)  by ada: contract, until 2027-01-01``."""
    line = Text.assemble((visible(override.path), "cyan"), f" = {field(override.path, override.value)}")
    if override.upstream is not msgspec.UNSET:
        line.append(f" (upstream said {field(override.path, override.upstream)})")
    line.append(f"  by {visible(override.owner)} {moment(override.created_at)}: {visible(override.reason)}")
    if override.expires_at is not None:
        line.append(f", until {moment(override.expires_at)}")
    return line


def names(out: Out, aliases: Iterable[Alias | Link]) -> int:
    """Names of models and why each is one; how many."""
    columns = ("|source", "name", "|is", "model", ">sure", "|decided by", "because")
    return table(out, columns, map(_name, aliases))


def _name(alias: Alias | Link) -> Row:
    ended = f" (until {moment(alias.valid_to)})" if isinstance(alias, Alias) and alias.valid_to is not None else ""
    return (
        alias.source, alias.key, f"{alias.relation.value}{ended}", alias.model_id, f"{alias.confidence} %",
        alias.decided_by, alias.evidence,
    )  # fmt: skip
