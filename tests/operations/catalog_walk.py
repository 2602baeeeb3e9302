"""A walk through the life of a catalog, one act at a time, that knows what must hold after each.

The hypothesis machine and the long count walk the same steps. Every act is given by small numbers, so that whoever
chooses them chooses the walk.
"""

from __future__ import annotations

from typing import Any

from modelcensus.core.catalog import planning
from modelcensus.core.catalog.curated import in_force
from modelcensus.core.catalog.guards import NEVER_RELEASED
from modelcensus.core.catalog.model import Curation, Merged, Override, Plan, Published, Status, Tier
from modelcensus.core.catalog.sealed import digest_of_catalog
from modelcensus.core.errors import CensusError, InvalidInput, NotFound, StalePlan
from modelcensus.operations.catalog import applying, curating, overriding, rules
from modelcensus.operations.catalog.proving import catalog_problems
from modelcensus.store.catalog import audit, curation, models, revisions
from modelcensus.store.engine import Store
from tests.operations.catalog_world import DAYS, HOUR, NOW, merged

IDS = tuple(f"lab/{letter}" for letter in "abcde")
PRICES = ("0", "1", "2", "3", "25", "2000", None)
CONTEXTS = (1_000, 60_000, 128_000)
CHANGES: tuple[dict[str, Any], ...] = (
    {"enabled": True}, {"enabled": False}, {"status": "new"}, {"is_free": True}, {"is_pro": True, "is_curated": True},
    {"notes": "n"}, {"display_name": "D"}, {"enabled": True, "status": "disabled"}, {"is_free": False},
)  # fmt: skip
RULES = rules.read_rules(
    '[[rule]]\nmatch = "lab/a"\nenabled = true\ntiers = ["free"]\n[[rule]]\nmatch = "*"\ncurated = true', "walk.toml"
)


class Walk:
    """One catalog, what sources say of it now, and what people are known to have said."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.said: dict[str, Merged] = {}
        self.human: dict[str, Curation] = {}
        self.overrides: dict[tuple[str, str], Override] = {}
        self.plans: list[Plan] = []
        self.decided: set[str] = set()
        self.past: list[dict[str, Published]] = [{}]
        self.done: dict[str, int] = {}

    def count(self, what: str) -> None:
        """One more of an act, for whoever wants to know that the walk went everywhere."""
        self.done[what] = self.done.get(what, 0) + 1

    @property
    def head(self) -> int:
        """The revision that must be the current one."""
        return len(self.past) - 1

    def sync(self, which: int, price: int, context: int, ended: int) -> None:
        """Sources say something else of a model: other numbers, that it is retired, or nothing any more."""
        model_id = IDS[which % len(IDS)]
        if ended % 4 == 0:
            self.said.pop(model_id, None)
        else:
            stage = "retired" if ended % 8 == 1 else "active"
            self.said[model_id] = merged(
                model_id, price=PRICES[price % len(PRICES)], context=CONTEXTS[context % len(CONTEXTS)], stage=stage
            )
        self.propose(review=ended % 3 == 0)

    def propose(self, *, review: bool = False) -> None:
        """A sync makes a plan of what sources say, and stores it."""
        absences = {each: (planning.Absence("openrouter", DAYS),) for each in IDS if each not in self.said}
        policy = planning.Policy(default=planning.REVIEW) if review else planning.ALL_AUTO
        with self.store.reading() as tx:
            now = models.published(tx)
        plan = planning.plan(self.head, now, self.said.values(), absences=absences, policy=policy)
        if plan.steps:
            applying.propose(self.store, plan, "sync", self.now)
            self.plans.append(plan)
            self.count("plan")

    def apply(self, which: int, part: int, release: int) -> None:
        """Somebody applies any plan there ever was, whole or in part, with or without what is held."""
        if not self.plans:
            return
        plan = self.plans[-1 - which % min(len(self.plans), 6)]
        only = [step.model_id for step in plan.steps][: part % 4] or None
        released = {}
        if release % 2:
            held = planning.held(plan)
            released = {name: "seen" for name, hold in held if hold.guard not in NEVER_RELEASED}
        before = self.past[-1]
        try:
            revision = applying.apply(self.store, plan.digest, "ann", self.now, only, released)
        except StalePlan:
            assert plan.base_revision != self.head, "a current plan was called stale"
            self.count("stale refused")
            return
        except InvalidInput:
            expected = planning.applied(before, plan, only=only, released=released)
            nothing = digest_of_catalog(expected.values()) == digest_of_catalog(before.values())
            assert plan.digest in self.decided or nothing, "a plan was refused for no reason"
            return
        assert plan.base_revision == self.head, "a stale plan was applied"
        assert plan.digest not in self.decided, "a decided plan was applied"
        assert revision.number == self.head + 1
        expected = planning.applied(before, plan, only=only, released=released)
        assert revision.catalog_digest == digest_of_catalog(expected.values()), "something else was applied"
        with self.store.reading() as tx:
            self.past.append(models.published(tx))
        self.decided.add(plan.digest)
        self.count("apply")

    def reject(self, which: int) -> None:
        """Somebody says no to a plan."""
        if not self.plans:
            return
        plan = self.plans[-1 - which % min(len(self.plans), 6)]
        try:
            applying.reject(self.store, plan.digest, "bob", "no", self.now)
        except InvalidInput:
            return
        self.decided.add(plan.digest)
        self.count("reject")

    def rollback(self, to: int) -> None:
        """Somebody wants an earlier revision back."""
        revision = to % (self.head + 2)
        try:
            plan = applying.rollback(self.store, revision, "ann", "bad day", self.now)
        except NotFound:
            assert not 0 < revision <= self.head
        except InvalidInput:
            assert 0 < revision <= self.head
        else:
            self.decided.discard(plan.digest)
            self.plans.append(plan)
            self.count("rollback")

    def edit(self, which: int, change: int) -> None:
        """A person edits one model, or all at once."""
        wanted = CHANGES[change % len(CHANGES)]
        ids = IDS if which % 7 == 0 else (IDS[which % len(IDS)],)
        try:
            results = curating.edit(self.store, ids, wanted, "ann", self.now)
        except InvalidInput:
            assert len(wanted) == 2
            return
        for result in results:
            model = self.past[-1].get(result.model_id)
            archived = model is not None and model.status is Status.ARCHIVED
            if model is None:
                assert isinstance(result.error, NotFound)
            elif wanted.get("enabled") and archived and not self.owned(result.model_id).enabled:
                assert isinstance(result.error, InvalidInput), "an archived model was enabled"
            else:
                assert result.after is not None
                self.human[result.model_id] = result.after
                self.count("edit")

    def undo(self, which: int) -> None:
        """A person takes an edit back."""
        with self.store.reading() as tx:
            entries = audit.entries(tx, limit=6)
        if not entries:
            return
        try:
            result = curating.undo(self.store, entries[which % len(entries)].id, "bob", self.now)
        except CensusError:
            return
        assert result.after is not None
        self.human[result.model_id] = result.after
        self.count("undo")

    def override(self, which: int, price: int, hours: int) -> None:
        """A person overrides a price for some hours, or takes the override away."""
        model_id = IDS[which % len(IDS)]
        place = (model_id, "price.input")
        try:
            if hours % 5 == 0:
                overriding.clear_override(self.store, *place, actor="ann", reason="over", now=self.now)
                del self.overrides[place]
            else:
                self.overrides[place] = overriding.set_override(
                    self.store, *place, str(price), actor="ann", reason="deal", now=self.now,
                    expires_at=self.now + hours % 5 * HOUR,
                )  # fmt: skip
        except NotFound:
            assert model_id not in self.past[-1] or place not in self.overrides
            return
        self.count("override")

    def rules(self) -> None:
        """Somebody applies the rules."""
        touched = {each for each, known in self.human.items() if known.touched}
        for result in rules.apply_rules(self.store, RULES, "ann", self.now).changed:
            assert result.model_id not in touched, "a rule changed what a person touched"
            assert result.after is not None
            self.human[result.model_id] = result.after
            self.count("rule")

    def jump(self, hours: int) -> None:
        """The clock jumps, either way."""
        self.now += hours * HOUR
        self.count("jump")

    def owned(self, model_id: str) -> Curation:
        """What people are known to have said of a model."""
        return self.human.get(model_id) or Curation(model_id=model_id)

    def check(self) -> None:
        """What must hold after every act."""
        with self.store.reading() as tx:
            found, laid = curation.curations(tx), curation.overrides(tx)
            in_effect = curation.overrides(tx, now=self.now)
            allowed = curation.allowed(tx, Tier.ENTERPRISE)
            number = revisions.head(tx)
        assert found == {each: known for each, known in self.human.items() if each in found}, "a human field changed"
        assert all(known in (found.get(each), Curation(model_id=each)) for each, known in self.human.items())
        assert {(each.model_id, each.path): each for each in laid} == self.overrides, "an override changed"
        assert in_effect == [each for each in laid if in_force(each, self.now)]
        archived = {each for each, model in self.past[-1].items() if model.status is Status.ARCHIVED}
        assert not archived & set(allowed), "an archived model is in effect enabled"
        assert number == self.head, "a revision came or went"

    def check_all(self) -> None:
        """What must hold at the end: the chain, the audit log, and every revision as it was published."""
        assert catalog_problems(self.store) == []
        with self.store.reading() as tx:
            for number, then in enumerate(self.past):
                again = models.as_of(tx, number)
                assert again == then, "a revision cannot be read back"
                revision = revisions.find(tx, number)
                assert revision is None or revision.catalog_digest == digest_of_catalog(again.values())
