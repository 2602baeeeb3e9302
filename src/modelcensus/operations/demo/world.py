"""The invented world of the demonstration: labs and models that change from day to day, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

OPENROUTER, MODELSDEV, GENAI_PRICES = "openrouter", "modelsdev", "genai-prices"
LISTED = {OPENROUTER: 40, MODELSDEV: 60, GENAI_PRICES: 30}
"""How many models each catalog lists on the first day."""
FAMILY = "zephyrine"
"""The lab whose whole family comes and goes."""
BENCHMARKS, DESCRIPTIONS = "benchmarks moved", "descriptions edited"
"""Events that only OpenRouter's catalog shows."""
_MODELS = 62
_LABS = (
    "amberwick", "bluefathom", "cindervale", "driftmoor", "elmspire", "fernhollow", "glasswing-labs", "hearthstone-ml",
    "inkwater", "juniper-works",
)  # fmt: skip
_WORDS = ("Heron", "Moss", "Lantern", "Quarry", "Sable", "Thistle", "Tern", "Rook")
_SIZES = ("mini", "small", "pro", "large", "vision", "coder", "9b", "70b")
_CONTEXTS = (32_768, 65_536, 131_072, 262_144, 1_048_576)


@dataclass(frozen=True, slots=True)
class Model:
    """One invented model. Prices are US dollars per million tokens; ``listed`` names the catalogs that offer it."""

    lab: str
    slug: str
    name: str
    prompt: Decimal
    completion: Decimal
    context: int
    sees: bool
    released: str
    description: str
    listed: frozenset[str]
    benchmark: int = 500

    @property
    def id(self) -> str:
        """``lab/slug``, as catalogs name it."""
        return f"{self.lab}/{self.slug}"


@dataclass(slots=True)
class World:
    """All models there are today, and those that are gone. ``step`` makes it the next day."""

    chance: Random
    days: int
    models: dict[str, Model] = field(default_factory=dict)
    gone: dict[str, tuple[int, Model]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """The first day: enough models for every catalog."""
        made = [self._invent(self.chance.choice(_LABS), "2025-11-03") for _ in range(_MODELS)]
        for source, count in LISTED.items():
            for at in self.chance.sample(range(_MODELS), count):
                made[at] = replace(made[at], listed=made[at].listed | {source})
        self.models = {model.id: model for model in made if model.listed}

    def step(self, day: int, date: str) -> dict[str, list[str]]:
        """Make it day ``day`` (the first is 1). What happened, in words, by the models it happened to."""
        if self._is_quiet(day):
            return {}
        happened: dict[str, list[str]] = {}
        for word, ids in (
            (BENCHMARKS, self._move_benchmarks()),
            ("a family came", self._family_comes(day, date)),
            ("a family left", self._family_leaves(day)),
            (DESCRIPTIONS, self._edit_descriptions(day)),
            ("returned", self._return(day)),
            ("vanished", self._vanish(day)),
            ("repriced", self._reprice()),
            ("appeared", self._appear(date)),
        ):
            if ids:
                happened[word] = ids
        return happened

    def in_catalog(self, source: str) -> list[Model]:
        """What a catalog lists today, by id."""
        return sorted((m for m in self.models.values() if source in m.listed), key=lambda model: model.id)

    def _is_quiet(self, day: int) -> bool:
        return day % 7 == 0

    def _is_day(self, day: int, wanted: int) -> bool:
        """Whether a great event that is wanted on a day falls on this one: never on a quiet day."""
        return day == wanted + self._is_quiet(wanted)

    def _invent(self, lab: str, date: str) -> Model:
        while True:
            word, size = self.chance.choice(_WORDS), self.chance.choice(_SIZES)
            version = f"{self.chance.randint(1, 5)}.{self.chance.randint(0, 5)}"
            slug = f"{word.lower()}-{version}-{size}"
            if f"{lab}/{slug}" not in self.used:
                break
        self.used.add(f"{lab}/{slug}")
        prompt = Decimal(self.chance.randint(5, 500)) / 100
        return Model(
            lab=lab, slug=slug, name=f"{word} {version} {size.title()}", prompt=prompt,
            completion=prompt * self.chance.randint(2, 5), context=self.chance.choice(_CONTEXTS),
            sees=size == "vision" or self.chance.random() < 0.3, released=date,
            description=f"{word} {version} is an invented model for demonstrations.", listed=frozenset(),
            benchmark=self.chance.randint(200, 800),
        )  # fmt: skip

    def _move_benchmarks(self) -> list[str]:
        for id_, model in self.models.items():
            moved = min(999, max(1, model.benchmark + self.chance.randint(-9, 9)))
            self.models[id_] = replace(model, benchmark=moved)
        return sorted(self.models)

    def _appear(self, date: str) -> list[str]:
        fresh = [self._invent(self.chance.choice(_LABS), date) for _ in range(self.chance.choice((0, 0, 1, 1, 2)))]
        for model in fresh:
            count = self.chance.randint(1, 3)
            listed = frozenset(self.chance.sample(sorted(LISTED), count))
            self.models[model.id] = replace(model, listed=listed)
        return [model.id for model in fresh]

    def _reprice(self) -> list[str]:
        chosen = self.chance.sample(sorted(self.models), self.chance.choice((0, 0, 1, 2, 3)))
        for id_ in chosen:
            model = self.models[id_]
            factor = Decimal(self.chance.choice(("0.5", "0.8", "0.9", "1.2")))
            self.models[id_] = replace(model, prompt=model.prompt * factor, completion=model.completion * factor)
        return chosen

    def _vanish(self, day: int) -> list[str]:
        if day % 3 or len(self.models) < 20:
            return []
        chosen = self.chance.sample(sorted(id_ for id_ in self.models if not id_.startswith(FAMILY)), 1)
        for id_ in chosen:
            self.gone[id_] = (day, self.models.pop(id_))
        return chosen

    def _return(self, day: int) -> list[str]:
        chosen = [id_ for id_, (since, model) in self.gone.items() if model.lab != FAMILY and day - since >= 2][:1]
        if day % 2 or not chosen:
            return []
        for id_ in chosen:
            self.models[id_] = self.gone.pop(id_)[1]
        return chosen

    def _family_comes(self, day: int, date: str) -> list[str]:
        if not self._is_day(day, max(2, self.days // 4)):
            return []
        for _ in range(3):
            model = replace(self._invent(FAMILY, date), listed=frozenset(LISTED))
            self.models[model.id] = model
        return self._family()

    def _family_leaves(self, day: int) -> list[str]:
        if not self._is_day(day, max(4, self.days * 2 // 3)):
            return []
        family = self._family()
        for id_ in family:
            self.gone[id_] = (day, self.models.pop(id_))
        return family

    def _family(self) -> list[str]:
        return sorted(id_ for id_, model in self.models.items() if model.lab == FAMILY)

    def _edit_descriptions(self, day: int) -> list[str]:
        if not self._is_day(day, max(3, self.days // 2 + 1)):
            return []
        for id_, model in self.models.items():
            self.models[id_] = replace(model, description=f"{model.description} Reworded by its catalog.")
        return sorted(self.models)
