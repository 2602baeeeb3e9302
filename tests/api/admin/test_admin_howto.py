"""The commands of docs/howto/administer-by-http.md, sent to a real server in their order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from itertools import count
from pathlib import Path

import pytest

from modelcensus.operations.catalog import catalog
from tests.api.admin.desk import SECRET, Desk, desk_on
from tests.builders import census_at, genai_prices, model, openrouter, read

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "administer-by-http.md"


def commands() -> list[str]:
    """Every curl command of the page."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("curl ")]


class Readings:
    """Each new reading changes one price a little, and one a thousandfold, which is held."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.number = count()
        self.next(dear=False)
        read(desk.census, genai_prices(proxy=["my-gpt"]), source="genai-prices")
        catalog.update(desk.census, now=desk.census.clock())

    def next(self, *, dear: bool = True) -> None:
        """The next reading, not yet in any plan."""
        number = next(self.number)
        claude = model("anthropic/claude-sonnet-4.5", price=f"0.00000{300 + number}")
        gpt = model("openai/gpt-4.1", price="0.002" if dear else "0.000002")
        read(self.desk.census, openrouter(claude, gpt), number)
        catalog.refresh(self.desk.census, now=self.desk.census.clock())

    def variable(self, name: str) -> str:
        """What stands for a variable of the page right now."""
        if name == "EDIT":
            return str(self.desk.get("/audit", act="edit", target="openai/gpt-4.1")["data"][0]["id"])
        self.next()
        found = self.desk.get("/providers/openrouter/diff") if name == "PART" else self.desk.do("POST", "/plans")
        return str(found["digest"])


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_every_command_of_the_page_does_what_it_says(sqlite_url: str) -> None:
    found = commands()
    assert len(found) > 25
    with census_at(sqlite_url) as census, desk_on(census) as desk:
        readings = Readings(desk)
        for command in found:
            known = {
                "PATH": os.environ["PATH"], "CENSUS": desk.address, "AUTH": f"Authorization: Bearer {SECRET}",
                "JSON": "Content-Type: application/json",
            }  # fmt: skip
            known |= {name: readings.variable(name) for name in ("EDIT", "PLAN", "PART") if f"${name}" in command}
            asked = command.replace("curl -s", "curl -s --noproxy '*' -o /dev/null -w '%{http_code}'", 1)
            done = subprocess.run(["/bin/sh", "-c", asked], env=known, capture_output=True, text=True, check=False)
            assert done.stdout == "200", f"{command}: {done.stdout}{done.stderr}"


def test_no_command_of_the_page_is_forgotten() -> None:
    assert all("$CENSUS/api/admin/" in command for command in commands())
