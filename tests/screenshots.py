"""Make the pictures of the documentation: ``python -m tests.screenshots``."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from modelcensus.settings import Settings
from modelcensus.wiring import open_census
from tests.browser import launched
from tests.builders import START
from tests.web.sample import fill
from tests.web.serving import served

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"


def main() -> None:
    """The first page of a small census, as it was a few hours after its last reading."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/census.db")
        with open_census(settings) as census:
            fill(census)
        with (
            open_census(settings, now=lambda: START + timedelta(hours=29)) as census,
            served(census) as address,
            launched() as browser,
        ):
            page = browser.new_page(viewport={"width": 1280, "height": 1060}, color_scheme="light")
            page.goto(address)
            page.screenshot(path=FOLDER / "home.png")


if __name__ == "__main__":
    main()
