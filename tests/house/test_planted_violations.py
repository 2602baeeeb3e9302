"""Every house rule can fail: a planted violation is found, and its neighbour that keeps the rule is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import floors, papers, shape
from tests.house.tree import plant


def test_a_file_over_400_lines_is_found(tmp_path: Path) -> None:
    plant(tmp_path, long="x = 1\n" * 401, fits="x = 1\n" * 400)
    [violation] = shape.long_files(tmp_path)
    assert violation.startswith("long.py: 401 lines")


def test_a_function_over_60_lines_is_found(tmp_path: Path) -> None:
    body = "    x = 1\n"
    plant(tmp_path, code="def long():\n" + body * 60 + "def fits():\n" + body * 59)
    [violation] = shape.long_functions(tmp_path)
    assert "long has 61 lines" in violation


def test_a_method_over_60_lines_is_found(tmp_path: Path) -> None:
    plant(tmp_path, code="class A:\n    async def long(self):\n" + "        x = 1\n" * 60)
    assert len(shape.long_functions(tmp_path)) == 1


@pytest.mark.parametrize("name", ["utils", "store__helpers", "services__prices", "a__manager"])
def test_a_file_or_folder_whose_name_is_no_room_is_found(tmp_path: Path, name: str) -> None:
    plant(tmp_path, **{name: ""}, store__snapshots="")
    assert len(shape.empty_names(tmp_path)) == 1


@pytest.mark.parametrize("name", ["SyncManager", "PriceService", "Helper"])
def test_a_class_that_only_says_it_does_things_is_found(tmp_path: Path, name: str) -> None:
    plant(tmp_path, code=f"class {name}: ...\nclass ServiceTier: ...\n")
    [violation] = shape.empty_names(tmp_path)
    assert name in violation


def test_an_import_that_goes_up_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        src__modelcensus__store__a="from modelcensus.operations import verbs\n",
        src__modelcensus__operations__verbs="from modelcensus.core import change\n",
    )
    [violation] = floors.broken_floors(tmp_path)
    assert "store imports operations, which is up" in violation


def test_an_import_between_rooms_of_one_floor_is_found(tmp_path: Path) -> None:
    plant(tmp_path, src__modelcensus__store__a="import modelcensus.sources.http\n")
    [violation] = floors.broken_floors(tmp_path)
    assert "store imports sources, which is sideways" in violation


def test_an_upward_import_hidden_in_a_function_is_found(tmp_path: Path) -> None:
    plant(tmp_path, src__modelcensus__core__a="def f():\n    from modelcensus.settings import Settings\n")
    assert len(floors.broken_floors(tmp_path)) == 1


def test_a_relative_upward_import_is_found(tmp_path: Path) -> None:
    plant(tmp_path, src__modelcensus__core__a="from ..store.engine import Store\nfrom . import change\n")
    [violation] = floors.broken_floors(tmp_path)
    assert "core imports store" in violation


def test_a_room_without_a_floor_is_found(tmp_path: Path) -> None:
    plant(tmp_path, src__modelcensus__attic__a="from modelcensus.core import change\n")
    [violation] = floors.broken_floors(tmp_path)
    assert "'attic' has no floor" in violation


def test_a_circle_of_imports_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path,
        src__modelcensus__core__a="from modelcensus.core.b import B\n",
        src__modelcensus__core__b="def f():\n    from modelcensus.core import c\n",
        src__modelcensus__core__c="import modelcensus.core.a\n",
    )
    [violation] = floors.import_circles(tmp_path)
    assert all(f"modelcensus.core.{name}" in violation for name in "abc")


def test_imports_without_a_circle_are_fine(tmp_path: Path) -> None:
    plant(
        tmp_path,
        src__modelcensus__core__a="from modelcensus.core.b import B\nfrom modelcensus.core.c import C\n",
        src__modelcensus__core__b="from modelcensus.core.c import C\n",
        src__modelcensus__core__c="",
    )
    assert floors.import_circles(tmp_path) == []


@pytest.mark.parametrize(
    "line",
    [
        "import sqlalchemy",
        "from httpx2 import Client",
        "import logging",
        "import time",
        "import os.path",
        "from random import random",
        "import socket",
        "x = datetime.now()",
        "x = datetime.datetime.now(tz=UTC)",
        "x = time.time()",
        "x = open('f')",
        "print(1)",
    ],
)
def test_an_impure_line_in_the_core_is_found(tmp_path: Path, line: str) -> None:
    plant(tmp_path, src__modelcensus__core__a=f"{line}\n", src__modelcensus__store__a=f"{line}\n")
    [violation] = floors.impure_core(tmp_path)
    assert violation.startswith("src/modelcensus/core/a.py:1")


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    text = "[a](gone.md) [b](here.md#part) [c](https://example.com/x) [d](#part)\n```\n[e](code.md)\n```\n"
    plant(tmp_path, index_md=text, here_md="# part\n")
    [violation] = papers.dead_links(tmp_path)
    assert "gone.md" in violation


def test_a_registry_host_is_found(tmp_path: Path) -> None:
    plant(tmp_path, install_md="get it from https://" + "pypi." + "org/simple\n", fine_md="pip install modelcensus\n")
    [violation] = papers.registry_hosts(tmp_path)
    assert violation.startswith("install.md")


def test_a_uv_lock_is_found(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("")
    assert len(papers.foreign_locks(tmp_path)) == 1
