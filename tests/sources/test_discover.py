"""Adapters of other packages, sound and broken."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from modelcensus.sources.discover import GROUP, discover
from modelcensus.sources.registry import ADAPTERS

SOUND = """
import msgspec
from modelcensus.sources.modelsdev import ADAPTER as GIVEN
ADAPTER = msgspec.structs.replace(GIVEN, name={name!r})
"""

Bring = Callable[..., list[EntryPoint]]


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bring:
    """Modules by name and text, as entry points."""
    monkeypatch.syspath_prepend(tmp_path)

    def made(**modules: str) -> list[EntryPoint]:
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        return [EntryPoint(name.replace("_", "-"), f"{name}:ADAPTER", GROUP) for name in modules]

    return made


def test_an_adapter_of_another_package_is_found_by_its_own_name(bring: Bring) -> None:
    found = discover(ADAPTERS, bring(discovered_one=SOUND.format(name="my-lab")))
    assert (list(found.adapters), found.rejected) == (["my-lab"], ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import nothing_of_this_name", "cannot be imported (ModuleNotFoundError: No module named 'nothing_of_this_"),
        ("1 / 0", "cannot be imported (ZeroDivisionError: division by zero)"),
        ("raise SystemExit('a\\nb')", "cannot be imported (SystemExit: a b)"),
        ("def (", "cannot be imported (SyntaxError"),
        ("x = 1", "cannot be imported (AttributeError"),
        ("ADAPTER = 'openrouter'", "is no Adapter but a str"),
        (SOUND.format(name="openrouter"), "the name 'openrouter' is that of a built-in adapter"),
        (SOUND.format(name="../x"), "small letters, digits and dashes"),
        (SOUND.format(name="x") + "ADAPTER = msgspec.structs.replace(ADAPTER, calls=())", "it has no calls"),
        (
            SOUND.format(name="x") + "ADAPTER = msgspec.structs.replace(ADAPTER, calls=ADAPTER.calls * 2)",
            "two of its calls cover the same category",
        ),
    ],
)
def test_a_broken_one_is_named_in_one_line_and_the_rest_goes_on(
    bring: Bring, request: pytest.FixtureRequest, text: str, why: str
) -> None:
    # Each its own module: Python would not import a second text under the first one's name.
    number = request.node.callspec.indices["text"]
    broken, sound = f"discovered_broken_{number}", f"discovered_sound_{number}"
    found = discover(ADAPTERS, bring(**{broken: text, sound: SOUND.format(name="my-lab")}))
    assert list(found.adapters) == ["my-lab"]
    (rejected,) = found.rejected
    assert (rejected.name, rejected.package) == (broken.replace("_", "-"), broken)
    assert why in str(rejected)
    assert len(str(rejected).splitlines()) == 1


def test_of_two_with_one_name_the_first_package_wins(bring: Bring) -> None:
    found = discover((), bring(discovered_b=SOUND.format(name="twin"), discovered_a=SOUND.format(name="twin")))
    assert list(found.adapters) == ["twin"]
    assert [str(each) for each in found.rejected] == [
        "the adapter 'discovered-b' of discovered_b is not used: another package brings an adapter 'twin' too"
    ]


def test_installed_packages_are_asked_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "discovered_installed.py").write_text(SOUND.format(name="installed-lab"))
    facts = tmp_path / "discovered_installed-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: discovered-installed\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[{GROUP}]\nlab = discovered_installed:ADAPTER\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "installed-lab" in discover(ADAPTERS).adapters
