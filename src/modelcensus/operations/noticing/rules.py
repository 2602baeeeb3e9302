"""Rules: who is told of which incidents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

import msgspec

from modelcensus.core.errors import SettingsError
from modelcensus.core.notice import Incident, NoticeKind
from modelcensus.settings import NoticeSettings, RuleSettings

_NEEDS_A_PERSON = (
    NoticeKind.SYNC_FAILED, NoticeKind.SYNC_RECOVERED, NoticeKind.PLAN_HELD, NoticeKind.OVERRIDE_DRIFTED,
    NoticeKind.HEALTH_CHANGED, NoticeKind.MODEL_RETIRING, NoticeKind.QUALITY_FELL,
)  # fmt: skip
"""What everybody is told of where there is no rule."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the settings, understood."""

    kinds: frozenset[NoticeKind]
    targets: tuple[str, ...]
    given: RuleSettings


def rules_of(settings: NoticeSettings, targets: Collection[str]) -> tuple[Rule, ...]:
    """The rules that apply. Raises ``SettingsError`` for a kind or a target that there is not."""
    given = settings.rules or {"": RuleSettings(on=[kind.value for kind in _NEEDS_A_PERSON])}
    return tuple(_understood(name, rule, targets) for name, rule in given.items())


def kinds_wanted(rules: Iterable[Rule]) -> frozenset[NoticeKind]:
    """What any rule asks for."""
    return frozenset(kind for rule in rules for kind in rule.kinds)


def receivers(rules: Iterable[Rule], incident: Incident, told_before: Collection[str] = ()) -> list[str]:
    """The targets that are to be told of an incident. ``told_before``: those who were told of what it is the end of."""
    return sorted(
        {target for rule in rules for target in rule.targets if _wants(rule, incident, target in told_before)}
    )


def _wants(rule: Rule, incident: Incident, told_before: bool) -> bool:
    given = rule.given
    if incident.kind not in rule.kinds:
        return False
    if not (
        _fits(given.sources, incident.sources)
        and _fits(given.providers, incident.providers)
        and _fits(given.models, incident.models)
    ):
        return False
    if incident.kind is NoticeKind.SYNC_RECOVERED:
        return told_before or incident.times >= given.times
    if incident.kind is NoticeKind.SYNC_FAILED:
        return incident.times >= given.times
    return incident.kind is not NoticeKind.PRICE_MOVED or incident.percent >= given.percent


def _fits(patterns: list[str], names: tuple[str, ...]) -> bool:
    """Whether a list is empty, or any of the names is like one of its patterns; ``*`` is any text."""
    return not patterns or any(
        fnmatchcase(name.casefold(), pattern.casefold()) for name in names for pattern in patterns
    )


def _understood(name: str, given: RuleSettings, targets: Collection[str]) -> Rule:
    known = [kind.value for kind in NoticeKind]
    for kind in given.on:
        if kind not in known:
            raise SettingsError(
                f"there is no kind of incident '{kind[:80]}' (notices.rules.{name}.on)",
                f"there are: {', '.join(known)}",
            )
    for target in given.to:
        if target not in targets:
            raise SettingsError(
                f"there is no target '{target[:80]}' (notices.rules.{name}.to)",
                f"there are: {', '.join(sorted(targets)) or 'none; set notices.targets'}",
            )
    kinds = frozenset(map(NoticeKind, given.on))
    return Rule(kinds=kinds, targets=tuple(given.to or sorted(targets)), given=given)
