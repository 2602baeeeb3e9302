"""What people own of a model, laid over what is published: pure rules of enabling, tiers, overrides and drift.

``enabled`` and ``status`` say one thing in the words of two systems: enabled is status ``active``, and only that. An
archived model shows as ``inactive`` and is never in effect enabled; what its person wished is kept for its return.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from modelcensus.core.catalog.listing import Modality, Rates, Stage
from modelcensus.core.catalog.model import FIELDS, Curation, Override, Published, Status, Tier, Value
from modelcensus.core.change import same
from modelcensus.core.errors import InvalidInput

EDITABLE = (
    "enabled", "is_curated", "status", "is_free", "is_pro", "is_enterprise", "display_name", "notes",
)  # fmt: skip
STATUSES = ("new", "active", "disabled")
INACTIVE = "inactive"
"""The status that an archived model shows, whatever its person's word is."""
MAX_TEXT = 2000
_FLAGS = frozenset({"enabled", "is_curated", "is_free", "is_pro", "is_enterprise"})
_SEEN_BY: dict[Tier, tuple[str, ...]] = {
    Tier.FREE: ("is_free",),
    Tier.PRO: ("is_free", "is_pro"),
    Tier.ENTERPRISE: ("is_free", "is_pro", "is_enterprise"),
}


def flags_of(tier: Tier) -> tuple[str, ...]:
    """The tier flags of which a caller of this tier needs one: enterprise sees pro and free, pro sees free."""
    return _SEEN_BY[tier]


def effectively_enabled(curation: Curation, status: Status) -> bool:
    """Whether the model may be used: its person enabled it, and it is not archived."""
    return curation.enabled and status is Status.ACTIVE


def shown_status(curation: Curation, status: Status) -> str:
    """The person's word, or ``inactive`` for an archived model."""
    return INACTIVE if status is Status.ARCHIVED else curation.status


def may_use(curation: Curation, status: Status, tier: Tier) -> bool:
    """Whether a caller of the tier may use the model."""
    return effectively_enabled(curation, status) and any(getattr(curation, flag) for flag in flags_of(tier))


def edited(curation: Curation, changes: Mapping[str, Any], status: Status, *, touched: bool = True) -> Curation:
    """The curation with ``changes``, checked. Raises ``InvalidInput``.

    Enabling sets the status ``active``, disabling ``disabled``, and the other way round. ``touched``: a person did it.
    """
    for name, value in changes.items():
        _check(name, value)
    wanted = _agreed(dict(changes))
    if wanted.get("enabled") and status is Status.ARCHIVED and not curation.enabled:
        raise InvalidInput(
            f"{curation.model_id} is archived, and an archived model cannot be enabled",
            "enable it once a source lists it again and a plan that revives it is applied",
        )
    for name in ("display_name", "notes"):
        if isinstance(wanted.get(name), str):
            wanted[name] = wanted[name].strip() or None
    return msgspec.structs.replace(curation, **wanted, touched=curation.touched or touched)


def _check(name: str, value: Any) -> None:
    if name not in EDITABLE:
        raise InvalidInput(f"'{name}' is no field that people own", f"the fields are: {', '.join(EDITABLE)}")
    if name in _FLAGS and not isinstance(value, bool):
        raise InvalidInput(f"'{name}' must be true or false", f"write {name}=true or {name}=false")
    if name == "status" and value == INACTIVE:
        raise InvalidInput("a person cannot set the status 'inactive': archived models show it", "set it to 'disabled'")
    if name == "status" and value not in STATUSES:
        raise InvalidInput(f"'{brief(value)}' is no status", f"it may be: {', '.join(STATUSES)}")
    if name in ("display_name", "notes") and value is not None:
        if not isinstance(value, str):
            raise InvalidInput(f"'{name}' must be a text", f'write {name}="..."; an empty text takes it away')
        if len(value) > MAX_TEXT or not _storable(value):
            raise InvalidInput(f"'{name}' is longer than {MAX_TEXT} characters or holds one that cannot be stored",
                               "shorten it")  # fmt: skip


def _agreed(changes: dict[str, Any]) -> dict[str, Any]:
    enabled, status = changes.get("enabled"), changes.get("status")
    if enabled is not None and status is not None and enabled != (status == "active"):
        raise InvalidInput(
            f"enabled={str(enabled).lower()} and status={status} contradict each other",
            "give one of them: a model is enabled while its status is 'active', and only then",
        )
    if enabled is not None:
        return {**changes, "status": status or ("active" if enabled else "disabled")}
    return changes if status is None else {**changes, "enabled": status == "active"}


def overridable(path: str, value: Value) -> None:
    """Raises ``InvalidInput`` for a path that is no field of a model, or a value that this field cannot have."""
    first, _, rest = path.partition(".")
    if first not in FIELDS or bool(rest) != (first in _WITH_PARTS) or len(path) > 200 or not _storable(path):
        raise InvalidInput(
            f"'{brief(path)}' is no field of a model",
            f"the fields are: {', '.join(FIELDS)}; write price.input, capabilities.vision for a part of one",
        )
    kind, hint = _kind(path)
    if value is None or not _json(value) or not kind(value):
        raise InvalidInput(f"{brief(value)!r} is no value of '{path}'", hint)


def how_to_write(path: str) -> str:
    """How a person writes a value of a field, in a few words."""
    return _kind(path)[1]


def as_written(path: str, text: str) -> Value:
    """The value that a person wrote for a field: a price is its exact text; else JSON, or the text as it stands."""
    if _kind(path) is _KINDS["price.*"]:
        return text
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    # A number with a fraction would pass through a binary float.
    return text if isinstance(value, float) or value is None else value


def _kind(path: str) -> tuple[Callable[[Value], bool], str]:
    first, _, rest = path.partition(".")
    return _KINDS.get("price.*" if first == "price" and rest in _RATES else path) or _KINDS.get(first) or _TEXT


def _is_money(value: Value) -> bool:
    return isinstance(value, str) and len(value) <= 40 and bool(_MONEY.fullmatch(value))


def _is_count(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_flag(value: Value) -> bool:
    return isinstance(value, bool)


def _is_words(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_text(value: Value) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: Value) -> bool:
    return isinstance(value, list)


def _is_benchmark(value: Value) -> bool:
    return isinstance(value, str | dict)


def _one_of(words: Iterable[str]) -> Callable[[Value], bool]:
    allowed = frozenset(words)
    return lambda value: isinstance(value, str) and value in allowed


_MONEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?")
_RATES = frozenset(Rates.__struct_fields__)
_WITH_PARTS = frozenset({"price", "capabilities", "links", "benchmarks"})
_TEXT = (_is_text, "write a text")
_COUNT = (_is_count, "write a whole number above 0, such as 128000")
_FLAG = (_is_flag, "write true or false")
_KINDS: dict[str, tuple[Callable[[Value], bool], str]] = {
    "price.*": (_is_money, 'write US dollars as plain decimal text, per million tokens: "2.50"; "0" is free'),
    "price.variable": _FLAG,
    "price": (_is_list, "write the list of tiers or windows as the catalog has it"),
    "benchmarks": (_is_benchmark, "write it as the catalog has it"),
    "capabilities": _FLAG,
    "open_weights": _FLAG,
    "context": _COUNT,
    "max_input": _COUNT,
    "max_output": _COUNT,
    "parameters": _COUNT,
    "inputs": (_is_words, 'write a list of texts: ["text", "image"]'),
    "outputs": (_is_words, 'write a list of texts: ["text"]'),
    "modality": (_one_of(Modality), f"it may be: {', '.join(Modality)}"),
    "stage": (_one_of(Stage), f"it may be: {', '.join(Stage)}"),
}
"""What the value of a field is, and how to write one; all others are text."""


def _json(value: Any, depth: int = 8) -> bool:
    if isinstance(value, str):
        return len(value) <= 20 * MAX_TEXT and _storable(value)
    if isinstance(value, bool | int):
        return abs(value) < 2**63
    if isinstance(value, list) and depth:
        return all(_json(each, depth - 1) for each in value)
    if isinstance(value, dict) and depth:
        return all(isinstance(name, str) and _storable(name) and _json(each, depth - 1) for name, each in value.items())
    return False


def _storable(value: str) -> bool:
    return "\0" not in value and not any(0xD800 <= ord(each) <= 0xDFFF for each in value)


def brief(value: object) -> str:
    """A value of a person's, short enough for a message."""
    shown = str(value).encode("utf-8", "backslashreplace").decode()
    return shown if len(shown) <= 80 else shown[:79] + "…"


def in_force(override: Override, now: int) -> bool:
    """Whether an override holds at a time: it falls away at once when it expires."""
    return override.expires_at is None or now < override.expires_at


def overridden(fields: Mapping[str, Value], overrides: Iterable[Override], now: int) -> dict[str, Value]:
    """The fields with the overrides that are in force laid over them."""
    return {**fields, **{each.path: each.value for each in overrides if in_force(each, now)}}


class Drift(msgspec.Struct, frozen=True):
    """An override under which upstream has moved: ``was`` when it was set, ``now`` is; UNSET is absent."""

    override: Override
    was: Value | msgspec.UnsetType = msgspec.UNSET
    now: Value | msgspec.UnsetType = msgspec.UNSET


def drifted(override: Override, model: Published) -> Drift | None:
    """The notice that is due where upstream no longer says what it said when the override was set."""
    said = model.fields.get(override.path, msgspec.UNSET)
    unmoved = said is override.upstream if msgspec.UNSET in (said, override.upstream) else same(said, override.upstream)
    return None if unmoved else Drift(override, override.upstream, said)


class Standing(StrEnum):
    """How an override stands: ACTIVE does what it is for; upstream has moved under a DRIFTED one; at a REDUNDANT one
    it says by now what the person said; an EXPIRED one holds no more."""

    ACTIVE = "active"
    DRIFTED = "drifted"
    REDUNDANT = "redundant"
    EXPIRED = "expired"


def standing(override: Override, model: Published, now: int) -> Standing:
    """How an override of a model, as sources say it is, stands at a time."""
    if not in_force(override, now):
        return Standing.EXPIRED
    said = model.fields.get(override.path, msgspec.UNSET)
    if said is not msgspec.UNSET and same(said, override.value):
        return Standing.REDUNDANT
    return Standing.DRIFTED if drifted(override, model) else Standing.ACTIVE
