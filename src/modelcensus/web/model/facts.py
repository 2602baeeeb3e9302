"""The facts of a model as rows: what each is called, what it says, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Context, Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec

from modelcensus.core.catalog.answers import ModelDetail
from modelcensus.core.catalog.fields import PER_MILLION, RATES, prices_of
from modelcensus.core.catalog.listing import CAPABILITIES, Prices, Rates, Window
from modelcensus.core.catalog.model import Override
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.record import Provenance
from modelcensus.web.rendering.shown import brief, model_url, money, number, value
from modelcensus.web.rendering.words import label, rate

_LONGEST_LINK = 2000
_LONGEST_SHOWN = 36
_FOUR = Context(prec=4)
_HUGE = 15
_MOST_TIERS = 8
_MOST_WINDOWS = 20
_ABOUT = (
    "provider", "lab", "modality", "inputs", "outputs", "stage", "released", "knowledge_cutoff", "deprecated",
    "retires", "successor", "parameters", "open_weights", "licence", "hugging_face_id",
)  # fmt: skip
_LIMITS = ("context", "max_input", "max_output")
_TOKENS = {*_LIMITS, "parameters"}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One row. ``origin`` numbers the snapshot among those of the page; ``by`` is the override, as far as the visitor
    may know it; ``differs``: sources say different things."""

    path: str
    name: str
    text: str
    url: str | None = None
    origin: int | None = None
    overridden: bool = False
    by: Override | None = None
    differs: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All facts of a model in groups. ``able`` and ``unable`` are capabilities; ``origins`` the snapshots."""

    groups: tuple[tuple[str, str, tuple[Fact, ...]], ...]
    able: tuple[Fact, ...]
    unable: tuple[Fact, ...]
    origins: tuple[Provenance, ...]

    @property
    def overridden(self) -> tuple[Fact, ...]:
        """Those that a person set."""
        every = [*(fact for _, _, facts in self.groups for fact in facts), *self.able, *self.unable]
        return tuple(each for each in every if each.overridden)


def facts_of(detail: ModelDetail, portrait: Portrait, known: frozenset[str], *, tells_who: bool) -> Facts:
    """The facts of a model. ``known`` are the ids of models that the visitor sees, to which a fact may lead."""
    desk = _Desk(detail, portrait, known, tells_who)
    fields = portrait.entry.model.fields
    links = sorted(path for path in fields if path.startswith("links."))
    per_million = [f"price.{name}" for name in RATES if name in PER_MILLION]
    other = [f"price.{name}" for name in RATES if name not in PER_MILLION]
    abilities = desk.all(f"capabilities.{name}" for name in CAPABILITIES)
    groups = (
        ("prices", "Prices, USD per million tokens", desk.all([*per_million, "price.windows"])),
        *desk.tiers(),
        ("others", "Other prices, USD", desk.all([*other, "price.variable"])),
        ("limits", "Limits, tokens", desk.all(_LIMITS)),
        ("about", "About", desk.all([*_ABOUT, *links])),
    )
    return Facts(
        groups=tuple(each for each in groups if each[2]),
        able=tuple(each for each in abilities if fields[each.path] is True),
        unable=tuple(each for each in abilities if fields[each.path] is False),
        origins=tuple(desk.origins),
    )


def safe_link(text: Any) -> str | None:
    """An address that a page may lead to."""
    if not isinstance(text, str) or len(text) > _LONGEST_LINK or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def said_text(said: Any, path: str) -> str:
    """What a field says, in a few words."""
    group = path.partition(".")[0]
    if group == "price" and not isinstance(said, (bool, list, dict)):
        return money(said, "free")
    if isinstance(said, bool):
        return "yes" if said else "no"
    if path in _TOKENS and isinstance(said, int):
        return number(said)
    if group == "links" and isinstance(said, str):
        return brief(said.partition("//")[2] or said, _LONGEST_SHOWN)
    if isinstance(said, list) and all(isinstance(word, str) for word in said):
        return brief(", ".join(said[:40]))
    return value(said)


def measure(amount: Decimal) -> str:
    """A measured number to four digits."""
    return f"{_FOUR.plus(amount).normalize():f}" if abs(amount.adjusted()) < _HUGE else value(str(amount))


def rates_text(rates: Rates) -> str:
    """Prices in one line: ``Input $6.00 · Output $22.50``."""
    return " · ".join(f"{rate(name)} {money(price, 'free')}" for name, price in rates.known())


class _Desk:
    def __init__(self, detail: ModelDetail, portrait: Portrait, known: frozenset[str], tells_who: bool) -> None:
        self.origins: list[Provenance] = []
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._fields: Mapping[str, Any] = portrait.entry.model.fields
        self._prices = prices_of({path: said for path, said in self._fields.items() if path.startswith("price.")})
        self._provenance = detail.provenance
        self._overrides = {each.path: each for each in portrait.entry.overrides}
        self._differing = {each.path for each in detail.disagreements}
        self._known = known
        self._tells_who = tells_who

    def all(self, paths: Iterable[str]) -> tuple[Fact, ...]:
        return tuple(self._fact(path) for path in paths if path in self._fields)

    def tiers(self) -> Iterator[tuple[str, str, tuple[Fact, ...]]]:
        """A group for each threshold above which a prompt has other prices."""
        if "price.tiers" not in self._fields:
            return
        whole = self._fact("price.tiers")
        for place, tier in enumerate(self._prices.tiers[:_MOST_TIERS]):
            rates = tuple(
                msgspec.structs.replace(whole, name=rate(name), text=money(price, "free"), differs=False)
                for name, price in tier.rates.known()
            )
            yield f"tier-{place}", f"For prompts of more than {number(tier.above)} tokens", rates

    def _fact(self, path: str) -> Fact:
        said = self._fields[path]
        group, _, name = path.partition(".")
        override = self._overrides.get(path)
        return Fact(
            path=path, name=rate(name) if group == "price" else label(path), text=self._text(path, said),
            url=self._url(group, path, said), origin=self._origin(path), overridden=override is not None,
            by=override if self._tells_who else None, differs=path in self._differing,
        )  # fmt: skip

    def _origin(self, path: str) -> int | None:
        found = self._provenance.get(path)
        if found is None or found.overridden:
            return None
        place = (found.source, found.key, found.sha256)
        if place not in self._numbers:
            self._numbers[place] = len(self.origins)
            self.origins.append(found)
        return self._numbers[place]

    def _url(self, group: str, path: str, said: Any) -> str | None:
        if group == "links":
            return safe_link(said)
        return model_url(said) if path == "successor" and said in self._known else None

    def _text(self, path: str, said: Any) -> str:
        if path == "price.windows":
            return windows_text(self._prices) or value(said)
        return said_text(said, path)


def windows_text(prices: Prices) -> str:
    """Prices that hold only then or there, a line for each."""
    return "\n".join(f"{_when(each)}: {rates_text(each.rates)}" for each in prices.windows[:_MOST_WINDOWS])


def _when(window: Window) -> str:
    parts = [
        f"from {window.starts}" if window.starts else "",
        f"before {window.ends}" if window.ends else "",
        f"{window.daily_from or '00:00'} to {window.daily_until or '24:00'} UTC"
        if window.daily_from or window.daily_until
        else "",
        f"in {window.region}" if window.region else "",
    ]
    return brief(", ".join(part for part in parts if part) or "otherwise")
