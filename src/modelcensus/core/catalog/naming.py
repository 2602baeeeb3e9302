"""A model's name, taken apart: lab, base, date, variant, and every step on the way as evidence."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from modelcensus.core.catalog.labs import implied, lab_of
from modelcensus.core.catalog.transforms import TRANSFORMS, Draft

MAX_NAME = 300
"""Characters of a name that are looked at; real ones have at most 110. A longer one is not taken apart."""


class Step(msgspec.Struct, frozen=True):
    """One transform that did something: what was left of the name before and after it, and what it found."""

    transform: str
    before: str
    after: str


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """A name in its parts. Suffixes are parsed, never dropped.

    ``lab`` is None where neither the name nor the provider tells it. ``base`` has the family, version and size.
    ``date`` is digits: ``20250929``, ``2507``, ``0528``, ``202408`` or a revision as ``001``. ``variant`` is a tag
    (``free``), ``mode`` a word that may also be part of a model's own name (``thinking``). ``written`` is the name
    without what leads to it, in small letters.
    """

    lab: str | None
    base: str
    date: str | None = None
    variant: str | None = None
    mode: str | None = None
    quantization: str | None = None
    moving: bool = False
    preview: bool = False
    written: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def identity(self) -> tuple[str, bool, str | None]:
        """What two names of one model share, beside lab and date."""
        return (self.base, self.preview, self.mode)

    @property
    def is_full_date(self) -> bool:
        """Whether the date is a day or a revision, which never is a version's number."""
        return self.date is not None and len(self.date) in (3, 8)


@lru_cache(maxsize=100_000)
def parsed(name: str, *, provider: str | None = None, lab: str | None = None, router: bool = False) -> Name:
    """``name`` in its parts.

    ``provider`` is who serves it: a prefix of that name is taken off, and where the provider makes models itself, a
    name without a lab is its own. ``lab`` is who made it where the source says so; the name's own word goes first.
    ``router``: the name is a router's own id, ``lab/name``, which never stands for one model after the other.
    """
    draft = Draft(name, provider=provider, router=router)
    if len(name) > MAX_NAME:
        return Name(lab=lab_of(lab) if lab else None, base=name, written=name)
    steps = []
    for transform in TRANSFORMS:
        before, found = draft.text, _found(draft)
        transform.apply(draft)
        if draft.text != before or _found(draft) != found:
            steps.append(Step(transform.name, before, draft.text))
        if transform.name == "lab" and draft.lab is None:
            draft.lab = lab_of(lab) if lab else implied(provider, draft.text)
    return Name(
        lab=draft.lab,
        base=draft.text,
        date=draft.date,
        variant=draft.variant,
        mode=draft.mode,
        quantization=draft.quantization,
        moving=draft.moving,
        preview=draft.preview,
        written=draft.written,
        steps=tuple(steps),
    )


def _found(draft: Draft) -> tuple[object, ...]:
    return (draft.lab, draft.date, draft.variant, draft.mode, draft.quantization, draft.moving, draft.preview)
