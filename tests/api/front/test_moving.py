from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier
from modelcensus.operations import tokens
from modelcensus.operations.catalog import curating, overriding
from modelcensus.settings import AccessSettings
from tests.api.front.standing import ADMIN, LIST, SETTINGS, came_from, changed, plain, price, standing
from tests.operations.catalog_world import applied, merged
from tests.operations.gated import eventually
from tests.web.serving import ask

_APPLIES = """
import sys
from tests.operations.catalog_world import applied, merged, store_at
with store_at(sys.argv[1]) as store:
    for line in sys.stdin:
        applied(store, *(merged(f"lab/m{each}", price=line.strip()) for each in range(30)))
        print("applied", flush=True)
"""


@contextmanager
def another_process(url: str) -> Iterator[Any]:
    """Applies a price to every model whenever it is told one; returns when the apply has returned."""
    command = [sys.executable, "-c", _APPLIES, url]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None

        def apply(to: str) -> None:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdin.write(f"{to}\n")
            other.stdin.flush()
            assert other.stdout.readline() == "applied\n"

        try:
            yield apply
        finally:
            other.stdin.close()


def test_the_first_answer_after_another_process_has_applied_is_the_new_one(database_url: str) -> None:
    with standing(database_url, models=30) as (address, _), another_process(database_url) as apply:
        assert price(address) == "2"
        for number in range(3, 9):
            apply(str(number))
            assert price(address) == str(number)
            assert price(address) == str(number)


def test_a_list_under_load_is_never_torn_nor_older_than_an_apply_that_had_returned(database_url: str) -> None:
    """Every model has one price at a time: a list with two of them is torn."""
    applied_prices = [2]
    faults: list[str] = []
    lists_read: list[int] = []
    ended = threading.Event()

    def read(address: str) -> None:
        with httpx2.Client(trust_env=False, timeout=20) as client:
            while not ended.is_set():
                at_least = applied_prices[-1]
                answer = client.get(address + LIST)
                found = {each["price"]["input"] for each in answer.json()["data"]}
                if len(found) != 1 or int(next(iter(found))) < at_least:
                    faults.append(f"{found} after {at_least}")
                lists_read.append(at_least)

    with standing(database_url, models=30) as (address, _), another_process(database_url) as apply:
        with ThreadPoolExecutor(4) as readers:
            reading = [readers.submit(read, address) for _ in range(4)]
            try:
                for number in range(3, 13):
                    apply(str(number))
                    applied_prices.append(number)
                    assert eventually(lambda: lists_read[-1:] == applied_prices[-1:], 20)
            finally:
                ended.set()
        for each in reading:
            each.result()
        assert faults == []


def test_an_answer_ends_with_the_override_that_it_shows(sqlite_url: str) -> None:
    with standing(sqlite_url) as (address, census):
        until = census.clock() + 1_500_000
        overriding.set_override(
            census.store, "lab/m0", "name", "Set by hand", actor="ann", reason="a test", now=census.clock(),
            expires_at=until,
        )  # fmt: skip
        shown = ask(address, "/api/models/lab/m0").json()["name"]
        assert shown == "Set by hand"
        time.sleep(max(0.0, (until - census.clock()) / 1_000_000) + 0.05)
        assert ask(address, "/api/models/lab/m0").json()["name"] == "Lab/M0"


def test_what_a_person_edits_is_shown_at_once(sqlite_url: str) -> None:
    with standing(sqlite_url) as (address, census):
        assert ask(address, "/api/models/lab/m1").json()["name"] == "Lab/M1"
        curating.edit_one(census.store, "lab/m1", {"display_name": "Mine"}, actor="ann", now=census.clock())
        assert "Mine" in ask(address, "/api/models/lab/m1").text


def test_what_was_hot_is_ready_again_before_somebody_asks(sqlite_url: str) -> None:
    with standing(sqlite_url) as (address, census):
        for _ in range(3):
            plain(address, LIST)
        before = came_from(address, "framework")
        applied(census.store, merged("lab/m0", price="3"))
        time.sleep(1.5)
        assert price(address, Accept_Encoding="identity") == "3"
        assert came_from(address, "framework") == before


def test_each_tier_has_its_own_answers(sqlite_url: str) -> None:
    settings = changed(SETTINGS, access=AccessSettings(mode="tiers", admin_token=ADMIN))
    with standing(sqlite_url, settings) as (address, census):
        edits = {"lab/m0": {"is_free": True}, "lab/m1": {"is_pro": True}}
        for model, flags in edits.items():
            curating.edit_one(census.store, model, {"enabled": True, **flags}, actor="ann", now=census.clock())
        made = tokens.create(
            census.store, "pro", role=Role.READER, actor="ann", now=census.clock(), tier=Tier.PRO
        )  # fmt: skip
        pro = {"Authorization": f"Bearer {made.secret}"}
        for _ in range(2):
            assert [each["id"] for each in ask(address, LIST).json()["data"]] == ["lab/m0"]
            assert [each["id"] for each in ask(address, LIST, headers=pro).json()["data"]] == ["lab/m0", "lab/m1"]
        tag = plain(address, LIST, **pro).headers["etag"]
        assert plain(address, LIST, If_None_Match=tag).status_code == 200


def test_wrong_credentials_get_no_ready_answer(sqlite_url: str) -> None:
    with standing(sqlite_url) as (address, _):
        assert plain(address, LIST).status_code == 200
        for wrong in ("Bearer nonsense", "Basic x", "Bearer mc_unknown"):
            assert plain(address, LIST, Authorization=wrong).status_code == 401
