"""What speaks for a listing being a certain model, strongest first, and what speaks against it.

No rule here knows likeness: each finds what is equal, exactly, and where two models are equally right it finds none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from modelcensus.core.catalog.listing import Listing, Modality
from modelcensus.core.catalog.model import Relation
from modelcensus.core.catalog.naming import Name, parsed

UNMATCHED_LABS = frozenset({"openrouter"})
"""Labs whose models are routers: a name without a lab is never one of theirs."""
UNMATCHED_BASES = frozenset({"auto"})
"""Names that say nothing of which model: without a lab, they are nobody's."""
MOST_CONTEXT = 2
"""So many times the context of the model contradicts it."""

_SAYS_DATE = re.compile(r"(?<![\d.])(?:0[1-9]|1[0-2]|2[3-9])(?:0[1-9]|[12]\d|3[01])(?![\d.kK])")
_MONTH = re.compile(
    r"\((?:[^()]*\s)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?:'|’)?(?:20)?\d\d\b", re.IGNORECASE
)


class Named(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The little that linking needs of a listing; the fields are a listing's own."""

    source: str
    key: str
    name: str | None = None
    lab: str | None = None
    provider: str | None = None
    canonical: str | None = None
    hugging_face_id: str | None = None
    context: int | None = None
    modality: Modality | None = None
    outputs: tuple[str, ...] = ()
    moving: bool = False


def named(listing: Listing) -> Named:
    """What linking needs of a listing."""
    return Named(
        source=listing.source,
        key=listing.key,
        name=listing.name,
        lab=listing.lab,
        provider=listing.provider,
        canonical=listing.canonical,
        hugging_face_id=listing.hugging_face_id,
        context=listing.context or listing.max_input,
        modality=listing.modality,
        outputs=listing.outputs,
        moving=listing.moving,
    )


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the catalog: its universal id, and the anchor listing that it was made by."""

    id: str
    source: str
    key: str
    name: Name
    title: str | None = None
    canonical: str | None = None
    canonical_date: str | None = None
    hugging_face_id: str | None = None
    context: int | None = None
    modality: Modality | None = None
    outputs: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """Models that one kind of evidence points at: one is a link, several are none."""

    models: tuple[Known, ...]
    relation: Relation
    evidence: str
    confidence: int


class Index:
    """The models by all that can be equal. Grows as anchors make models."""

    def __init__(self) -> None:
        self.models: dict[str, Known] = {}
        self._ids: set[str] = set()
        self._canonical: dict[str, list[Known]] = defaultdict(list)
        self._hugging_face: dict[str, list[Known]] = defaultdict(list)
        self._names: dict[tuple[object, ...], list[Known]] = defaultdict(list)
        self._repositories: dict[tuple[object, ...], list[Known]] = defaultdict(list)

    def __contains__(self, model_id: str) -> bool:
        return model_id.casefold() in self._ids

    def add(self, model: Known) -> None:
        """A new model; its id must not be taken, whatever the case of its letters."""
        self.models[model.id] = model
        self._ids.add(model.id.casefold())
        if model.canonical:
            self._canonical[model.canonical.casefold()].append(model)
        if model.hugging_face_id:
            self._hugging_face[model.hugging_face_id.casefold()].append(model)
        labs = {model.name.lab, None}
        if model.name.lab in UNMATCHED_LABS or model.name.base in UNMATCHED_BASES:
            labs.discard(None)
        for lab in labs:
            self._names[(lab, *model.name.identity)].append(model)
            if model.hugging_face_id:
                repository = parsed(model.hugging_face_id, router=True)
                if repository.lab == model.name.lab:
                    self._repositories[(lab, repository.date, *repository.identity)].append(model)

    def by_canonical(self, slug: str) -> tuple[Known, ...]:
        """Models whose canonical slug, or id, it is."""
        same = self._canonical.get(slug.casefold(), [])
        return tuple(same) or tuple(filter(None, [self.models.get(slug)]))

    def by_hugging_face(self, repository: str) -> tuple[Known, ...]:
        """Models with that Hugging Face id."""
        return tuple(self._hugging_face.get(repository.casefold(), ()))

    def by_name(self, lab: str | None, identity: tuple[str, bool, str | None]) -> list[Known]:
        """Models of that identity, of all dates; of all labs where ``lab`` is None."""
        return self._names.get((lab, *identity), [])

    def by_repository(self, name: Name) -> tuple[Known, ...]:
        """Models whose Hugging Face id comes to the same as ``name``, date and all."""
        return tuple(self._repositories.get((name.lab, name.date, *name.identity), ()))


def search(index: Index, listed: Named, name: Name, *, lone_date: bool = True) -> Iterable[Found]:
    """What points at a model, strongest first.

    ``lone_date``: whether the date of ``name`` is the only one that is known of an undated model, so that it may be its
    snapshot.
    """
    usual = Relation.VARIANT if name.variant else Relation.OFFERING if name.quantization else Relation.SAME
    if listed.canonical and "/" in listed.canonical and (same := index.by_canonical(listed.canonical)):
        relation = Relation.MOVING if listed.moving or name.moving else usual
        yield Found(same, relation, f"its canonical slug is {listed.canonical}", 98)
    if listed.moving or name.moving:
        return
    repositories = (listed.hugging_face_id, name.written if "/" in name.written else None)
    for repository in filter(None, repositories):
        if same := index.by_hugging_face(repository):
            relation = Relation.VARIANT if name.variant else Relation.SAME
            yield Found(same, relation, f"its Hugging Face id is {same[0].hugging_face_id}", 95)
    yield from _by_name(index, name, usual, lone_date=lone_date)


def _by_name(index: Index, name: Name, usual: Relation, *, lone_date: bool) -> Iterable[Found]:
    found = _dated(index, name, name.identity, usual, lone_date=lone_date)
    # Claude thinks on request: -thinking is a way to run it. Elsewhere it may be a model of its own.
    if found is None and name.mode and name.base.startswith("claude-"):
        plain = (name.base, name.preview, None)
        found = _dated(index, name, plain, Relation.VARIANT, lone_date=lone_date)
    if found is not None:
        yield found
    elif same := index.by_repository(name):
        sure = 85 if name.lab else 75
        yield Found(
            same, usual, f"{_says(name)} comes to the same as the Hugging Face id {same[0].hugging_face_id}", sure
        )


def _dated(
    index: Index, name: Name, identity: tuple[str, bool, str | None], usual: Relation, *, lone_date: bool
) -> Found | None:
    models = index.by_name(name.lab, identity)
    if not models:
        return None
    whose = f"of {name.lab}" if name.lab else "of any lab"
    sure = 90 if name.lab else 80
    exact = tuple(model for model in models if model.name.date == name.date)
    if exact:
        return Found(exact, usual, f"{_says(name)} is the only name {whose} that comes to the same", sure)
    undated = tuple(model for model in models if model.name.date is None)
    snapshot = Relation.SNAPSHOT if usual is Relation.SAME else usual
    if name.date is not None:
        known = tuple(model for model in undated if model.canonical_date == name.date)
        if known:
            return Found(known, snapshot, f"{name.date} is the date of {known[0].canonical}", sure)
        if undated and len(undated) == len(models) and name.is_full_date and lone_date:
            return Found(undated, snapshot, f"{_says(name)} is a snapshot, and no other is known", sure - 5)
        return None
    if len(models) == 1 and len(models[0].name.date or "") == 8:
        return Found(
            tuple(models), usual, f"{_says(name)} is known with the date {models[0].name.date} only", sure - 20
        )
    return None


def _says(name: Name) -> str:
    return f"{name.lab}/{name.base}" if name.lab else name.base


def veto(listed: Named, name: Name, model: Known, relation: Relation) -> str | None:
    """What contradicts that a listing is a model, in words; None if nothing does.

    Less context than the model's is no contradiction: resellers and variants offer less. More than twice as much is.
    """
    contexts = (listed.context or 0, model.context or 0)
    if relation is not Relation.VARIANT and all(contexts) and contexts[0] > MOST_CONTEXT * contexts[1]:
        return f"its context of {listed.context} tokens is more than twice the model's {model.context}"
    if listed.outputs and model.outputs and not set(listed.outputs) & set(model.outputs):
        return f"it gives {' and '.join(listed.outputs)}, the model {' and '.join(model.outputs)}"
    modalities = (listed.modality, model.modality)
    if all(modalities) and modalities.count(Modality.EMBEDDING) == 1:
        return f"it is {listed.modality}, the model is {model.modality}"
    return _told(listed.name, name, model) if listed.name else None


def _told(display: str, name: Name, model: Known) -> str | None:
    if name.date is None and model.name.date is None:
        if month := _MONTH.search(display):
            return f"its display name says {month[0]}, which its name does not"
        known = f"{name.written} {model.title} {model.canonical} {model.hugging_face_id}"
        for date in _SAYS_DATE.findall(display):
            if date not in known:
                return f"its display name says {date}, which its name does not"
    if not name.preview and "preview" in display.casefold() and "preview" not in name.written:
        return "its display name says preview, which its name does not"
    return None
