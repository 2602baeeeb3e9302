"""What a translator is, and what it is helped by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import msgspec

from modelcensus.core.catalog.listing import Snapshot, Translated
from modelcensus.core.native import Facts, Filter


class Aids(msgspec.Struct, frozen=True, kw_only=True):
    """What a translator may look at beside the snapshot: facts by provider, own ones first, the filter, and the day."""

    facts: Mapping[str, tuple[Facts, ...]] = {}
    filter: Filter | None = None
    today: date


class Translator(msgspec.Struct, frozen=True, kw_only=True):
    """How snapshots of some categories become listings and offerings.

    ``translate`` is pure; it raises ``Untranslatable`` for an entity that gives no listing though it should.
    ``version`` is raised when its answers change: everything is then translated again, from the store. ``aided``: the
    answers depend on the aids too.
    """

    version: int
    categories: tuple[str, ...]
    translate: Callable[[Snapshot, Aids], Translated]
    aided: bool = False
