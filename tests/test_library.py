from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import modelcensus
from modelcensus import Library, Usage
from modelcensus.core.errors import InvalidInput, NotFound, StalePlan
from modelcensus.settings import Settings
from modelcensus.wiring import open_census
from tests.builders import imported, model, openrouter

PAGE = Path(__file__).parents[1] / "docs" / "library.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
DAY = 24
MARCH = 59 * DAY
"""Hours from the builders' first reading to the first of March, half past twelve."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a census of two readings: lab/one becomes cheaper, lab/two comes."""
    monkeypatch.chdir(tmp_path)
    with open_census(Settings(database_url="sqlite:///data/modelcensus.db")) as census:
        imported(census, openrouter(model()), MARCH)
        imported(census, openrouter(model(price="0.0000005"), model("lab/two")), MARCH + 7 * DAY)
    return tmp_path


@pytest.fixture
def census(folder: Path) -> Iterator[Library]:
    with modelcensus.open("sqlite:///data/modelcensus.db", config_dir=folder) as opened:
        yield opened


@pytest.mark.usefixtures("folder")
def test_the_examples_of_the_page_run_as_they_stand() -> None:
    assert len(EXAMPLES) >= 7
    exec(compile("\n".join(EXAMPLES), str(PAGE), "exec"), {})


def test_importing_the_package_loads_no_database() -> None:
    code = "import sys, modelcensus; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "msgspec", "typer"} & set(done.stdout.split())


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(modelcensus.__file__).parent / "py.typed").exists()


def test_what_the_package_does_not_have_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        modelcensus.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_planning_publishes_nothing(census: Library) -> None:
    assert len(census.plan().steps) == 2
    assert census.models() == []


def test_a_part_of_a_plan_can_be_applied_and_the_rest_is_planned_again(census: Library) -> None:
    census.apply(census.plan().digest, actor="ada", only=["lab/two"])
    assert [each.model.id for each in census.models()] == ["lab/two"]
    assert [step.model_id for step in census.plan().steps] == ["lab/one"]


def test_a_stale_plan_is_refused_with_what_moved(census: Library) -> None:
    plan = census.plan()
    with open_census(Settings(database_url="sqlite:///data/modelcensus.db")) as beside:
        imported(beside, openrouter(model(price="0.0000006"), model("lab/two")), MARCH + 8 * DAY)
    census.apply(census.plan().digest, actor="ada")
    with pytest.raises(StalePlan) as caught:
        census.apply(plan.digest, actor="ada")
    assert caught.value.moved == ("lab/one", "lab/two")


def test_a_rejected_plan_cannot_be_applied(census: Library) -> None:
    digest = census.plan().digest
    census.reject(digest, actor="ada", reason="a slip")
    with pytest.raises(InvalidInput, match="rejected by ada"):
        census.apply(digest, actor="ada")


def test_a_use_is_priced_at_the_price_of_its_time(census: Library) -> None:
    census.apply(census.plan().digest, actor="ada")
    then = census.price("lab/one", Usage(input=1_000_000), at=datetime(2026, 3, 2, tzinfo=UTC))
    now = census.price("lab/one", Usage(input=1_000_000))
    assert (then.cost.total, now.cost.total) == (Decimal(1), Decimal("0.5"))


def test_a_time_without_a_zone_is_refused(census: Library) -> None:
    with pytest.raises(InvalidInput, match="zone"):
        census.as_of(datetime(2026, 3, 2))  # noqa: DTZ001  # the point


def test_changes_are_those_after_one_time_and_up_to_another(census: Library) -> None:
    found = census.changes(since="2026-03-02", until=datetime(2026, 3, 9, tzinfo=UTC))
    assert sorted((each.kind.value, each.key) for each in found) == [("altered", "lab/one"), ("appeared", "lab/two")]


def test_a_model_that_is_not_there_is_not_found(census: Library) -> None:
    with pytest.raises(NotFound):
        census.model("lab/nine")


def test_a_source_that_nobody_knows_is_not_found(census: Library) -> None:
    with pytest.raises(NotFound):
        census.sync("nowhere")


@pytest.mark.usefixtures("folder")
def test_a_database_that_is_not_there_is_not_made_unless_wanted() -> None:
    with pytest.raises(NotFound):
        modelcensus.open("sqlite:///elsewhere.db", create=False)
    assert not Path("elsewhere.db").exists()
