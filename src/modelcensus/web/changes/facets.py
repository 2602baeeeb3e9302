"""What else moves about a model, in words: limits, its end, abilities, and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET

from modelcensus.core.catalog.event import Moved
from modelcensus.web.changes.prices import word
from modelcensus.web.changes.words import Move, Telling, by, joined
from modelcensus.web.rendering.shown import amount, brief, money, number

_LIMITS = {
    "context": ("context", "takes a longer context", "takes a shorter context"),
    "max_input": ("input", "takes longer input", "takes shorter input"),
    "max_output": ("answer", "gives longer answers", "gives shorter answers"),
}
_ENDING = ("retires", "deprecated", "stage", "successor")
_OVER = ("deprecated", "retired")
_NAMES = {
    "knowledge_cutoff": "knowledge cut-off", "open_weights": "open weights", "hugging_face_id": "Hugging Face id",
    "max_input": "longest input", "max_output": "longest answer", "licence": "licence",
}  # fmt: skip
_MOST = 6
_WORD = 60


def limits(moved: Mapping[str, Moved]) -> Telling | None:
    """Limits that were known before and after."""
    said, moves, paths = list[str](), list[Move](), list[str]()
    for path, (what, more, less) in _LIMITS.items():
        each = moved.get(path)
        if each is None or not isinstance(each.before, int) or not isinstance(each.after, int):
            continue
        before, after = int(each.before), int(each.after)
        said.append(more if after > before else less)
        moves.append(Move(number(before), number(after), what, by(before, after, path)))
        paths.append(path)
    if not paths:
        return None
    if len(moves) == 1:
        moves = [Move(moves[0].before, moves[0].after, "", moves[0].by)]
    return Telling(said=joined(said), paths=frozenset(paths), moves=tuple(moves), tail="tokens")


def retiring(moved: Mapping[str, Moved]) -> Telling | None:
    """The end of a model, announced, moved or called off."""
    said = list(_ending(moved))
    if not said:
        return None
    successor = moved.get("successor")
    tail = f"use {brief(successor.after, _WORD)} instead" if successor and isinstance(successor.after, str) else ""
    return Telling(said=joined(said), paths=frozenset(path for path in _ENDING if path in moved), tail=tail)


def others(moved: Mapping[str, Moved]) -> str:
    """All the rest in one sentence."""
    said = [*_prices(moved), *_abilities(moved), *_plain(moved)]
    return "; ".join(said) or "changed"


def _ending(moved: Mapping[str, Moved]) -> Iterator[str]:
    retires, deprecated, stage = moved.get("retires"), moved.get("deprecated"), moved.get("stage")
    if retires is not None:
        if not isinstance(retires.after, str):
            yield "has no day any more on which it retires"
        else:
            before = f", not on {brief(retires.before, _WORD)}" if isinstance(retires.before, str) else ""
            yield f"retires on {brief(retires.after, _WORD)}{before}"
    if deprecated is not None:
        if isinstance(deprecated.after, str):
            yield f"is deprecated from {brief(deprecated.after, _WORD)} on"
        elif retires is None:
            yield "is no longer deprecated"
    elif stage is not None and stage.after in _OVER:
        yield f"is {stage.after} now"
    elif stage is not None and stage.before in _OVER:
        yield f"is no longer {stage.before}"


def _prices(moved: Mapping[str, Moved]) -> Iterator[str]:
    for path, each in moved.items():
        group, _, rate = path.partition(".")
        if group != "price":
            continue
        if rate in ("tiers", "windows", "variable"):
            yield {
                "tiers": "has other prices for long prompts", "windows": "has other prices at certain times",
                "variable": "has a price that varies" if each.after is True else "no longer has a price that varies",
            }[rate]  # fmt: skip
        elif amount(each.after) is not None:
            yield f"has a price for {word(rate)}: {money(each.after)}"
        else:
            yield f"the price for {word(rate)} is no longer known"


def _abilities(moved: Mapping[str, Moved]) -> Iterator[str]:
    found = {path.partition(".")[2]: each.after for path, each in moved.items() if path.startswith("capabilities.")}
    for wanted, verb in ((True, "can now do"), (False, "cannot do")):
        names = [brief(name.replace("_", " "), _WORD) for name, after in found.items() if after is wanted]
        if names:
            yield f"{verb} {_some(names)}"
    for path, verb in (("inputs", "reads"), ("outputs", "writes")):
        each = moved.get(path)
        if each is not None and isinstance(each.after, list):
            yield f"now {verb} {_some([brief(str(kind), _WORD) for kind in each.after]) or 'nothing'}"


def _plain(moved: Mapping[str, Moved]) -> Iterator[str]:
    name = moved.get("name")
    if name is not None and isinstance(name.after, str):
        before = f", not {brief(name.before, _WORD)} any more" if isinstance(name.before, str) else ""
        yield f"is called {brief(name.after, _WORD)}{before}"
    told = ("price", "capabilities", "inputs", "outputs", "name")
    rest = dict.fromkeys(path.partition(".")[0] for path in moved if path.partition(".")[0] not in told)
    known = [path for path in rest if path in moved and isinstance(moved[path].after, (int, str))]
    short = [path for path in known if path not in ("description", "links")][:_MOST]
    yield from (f"{_called(path)} is {_value(moved[path].after)}" for path in short)
    lost = [path for path in rest if path in moved and moved[path].after is UNSET]
    yield from (f"{_called(path)} is no longer known" for path in lost[:_MOST])
    vague = [_called(path) for path in rest if path not in (*short, *lost)]
    if vague:
        yield f"other {_some(vague)}"


def _called(path: str) -> str:
    return brief(_NAMES.get(path, path.replace("_", " ")), _WORD)


def _value(after: Any) -> str:
    if isinstance(after, bool):
        return "yes" if after else "no"
    return number(after) if isinstance(after, int) else brief(after, _WORD)


def _some(words: list[str]) -> str:
    more = len(words) - _MOST
    return joined([*words[:_MOST], *([f"{more} more"] if more > 0 else [])])
