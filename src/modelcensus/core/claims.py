"""What a JWT that has been checked says of whoever holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modelcensus.core.access import Caller, Role
from modelcensus.core.catalog.model import Tier

_ADMIN = "admin"
_LONGEST = 100


def caller_of(claims: Mapping[str, Any], paths: Sequence[str]) -> Caller:
    """The caller that claims describe: the tier is the first of ``paths`` that there is.

    ``admin`` is an administrator, who sees all; a word that is no tier, or no word at all, is free, never more.
    """
    word = next((found for path in paths if (found := claim(claims, path)) is not None), None)
    if word == _ADMIN:
        return Caller(name=_name(claims), tier=Tier.ENTERPRISE, role=Role.ADMIN)
    return Caller(name=_name(claims), tier=next((each for each in Tier if each == word), Tier.FREE))


def claim(claims: Any, path: str) -> Any:
    """A claim by its name, or by names joined with dots; None where there is none.

    Names may hold dots themselves, as ``https://example.com/tier`` does.
    """
    if not isinstance(claims, Mapping):
        return None
    if claims.get(path) is not None:
        return claims[path]
    dots = [place for place, character in enumerate(path) if character == "."]
    inner = (claim(claims.get(path[:dot]), path[dot + 1 :]) for dot in dots)
    return next((found for found in inner if found is not None), None)


def paths_of(setting: str) -> tuple[str, ...]:
    """The paths that a comma-separated setting names."""
    return tuple(path for part in setting.split(",") if (path := part.strip()))


def _name(claims: Mapping[str, Any]) -> str:
    """A name for the audit log. The word before it keeps a subject from passing for anybody else."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip():
        return "user without a name"
    return "user " + "".join(each if each.isprintable() else "?" for each in subject[:_LONGEST])
