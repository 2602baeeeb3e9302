"""What holds on every page: it can be read by everybody, asks nobody else, keeps to its width, and harms nobody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from modelcensus.operations.catalog.catalog import update
from modelcensus.serving.context import context_on
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.routes import routes
from tests.builders import at, census_at, modelsdev, openrouter, read
from tests.screenshots import FOLDER, LOOKS, choose_for_review
from tests.web.every import NO_PAGES, OFFICE, PUBLIC, VARIANTS, of_a_thing
from tests.web.paths import each_route
from tests.web.sample import HOSTILE_KEY, LONG_KEY, fill, hostile
from tests.web.serving import served
from tests.web.states import five_months_served, states_served
from tests.web.visiting import OPENED, Visit, sign_in

_SERIOUS = ("serious", "critical")
_LINKS_OF_A_KIND = 4


_SHOWN = ("title", "aria-label", "alt", "placeholder")
_TRICKS = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08]")


class Inert(HTMLParser):
    """Reads a page as a browser does: ``found`` is what could act, load or paint, ``shown`` what people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.shown: list[str] = []

    def handle_data(self, data: str) -> None:
        """Text."""
        self.shown.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        given = {name: value or "" for name, value in attrs}
        acts = [name for name in given if name == "style" or name.startswith("on")]
        turns = tag == "meta" and "http-equiv" in given
        loads = tag == "script" and not given.get("src", "").startswith("/static/")
        places = [given.get(name, "").strip().lower() for name in ("href", "action", "src", "formaction")]
        leads = [place for place in places if place.startswith(("javascript:", "data:", "vbscript:"))]
        self.shown += [given[name] for name in _SHOWN if name in given]
        if acts or turns or loads or leads or tag in ("style", "iframe", "object", "embed", "base"):
            self.found.append(str(self.get_starttag_text())[:200])


def _harm(text: str) -> list[str]:
    page = Inert()
    page.feed(text)
    return page.found + [each for each in page.shown if _TRICKS.search(each)]


class Months(NamedTuple):
    """A census of five months served, and the paths of its pages."""

    address: str
    pictures: frozenset[str]
    public: tuple[str, ...]
    office: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return self.public + self.office


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Months]:
    """A census of five months."""
    path = tmp_path_factory.mktemp("months") / "census.db"
    with five_months_served(f"sqlite:///{path}") as (census, address):
        things, office = of_a_thing(census)
        named = frozenset({**PUBLIC, **things, **OFFICE, **office})
        public = (*PUBLIC.values(), *VARIANTS, *things.values())
        yield Months(address, named, public, (*OFFICE.values(), *office.values()))


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Addresses of a census before its first sync, before its first plan, and lost."""
    with states_served(tmp_path_factory.mktemp("states")) as addresses:
        yield addresses


@pytest.fixture(scope="module")
def harm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A census whose upstreams mean harm, published as far as the guards let it."""
    path = tmp_path_factory.mktemp("harm") / "census.db"
    with census_at(f"sqlite:///{path}") as census:
        fill(census)
        update(census, now=at(27))
        hostile(census)
        rude = {"name": "\u202e<script>alert(5)</script>" + "n" * 10_000, "cost": {"input": 2, "output": 3}}
        read(census, modelsdev(lab={"<b>rude</b>": rude, "x" * 400: rude}), 32, source="modelsdev")
        sold = {"architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}, "context_length": 9000}
        evil = [
            {"id": key, "name": "<img src=x onerror=alert(6)>\u2066", "description": "javascript:alert(7)",
             "pricing": {"prompt": "0.000001", "completion": "0.000002"}, **sold}
            for key in (HOSTILE_KEY, LONG_KEY, "lab/'\"><script>alert(8)</script>", "javascript:alert(9)/x")
        ]  # fmt: skip
        read(census, openrouter(*evil), 33)
        update(census, now=at(34))
        with served(census, OPENED) as address:
            yield address


@contextmanager
def _watched(
    browser: Browser, *, width: int = 1280, signed_in_at: str | None = None, js: bool = True
) -> Iterator[Page]:
    """A page whose complaints, dialogs and foreign requests are kept in ``page.heard``."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=js)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: None if "//127.0.0.1:" in request.url else heard.append(request.url))
    if signed_in_at is not None:
        sign_in(page, signed_in_at)
    page.heard = heard  # type: ignore[attr-defined]  # the test's own
    yield page
    context.close()


def _seriously_wrong(page: Page) -> list[str]:
    """What axe finds on the page, where, and what to do."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} at {'; '.join(str(node['target']) for node in each['nodes'][:3])}"
        for each in found
        if each["impact"] in _SERIOUS
    ]


def test_no_page_is_left_out_here(tmp_path: Path, months: Months) -> None:
    with census_at(f"sqlite:///{tmp_path / 'census.db'}") as census:
        pages = [
            each for each in each_route(routes(context_on(census, OPENED), Pages(census))) if "GET" in each.methods
        ]
    plain = {path.partition("?")[0] for path in months.paths}
    shown = {next(each.path for each in pages if each.path_regex.match(path)) for path in plain}
    assert {each.path for each in pages} - shown == NO_PAGES
    assert len(pages) > 30


def test_every_page_has_its_pictures_and_the_documentation_leads_to_each(
    months: Months, states: dict[str, str]
) -> None:
    wanted = {
        f"{name}-{look.screen}-{look.scheme}.png" for name in {*months.pictures, *states, "review"} for look in LOOKS
    }
    listed = re.findall(r"\]\(([^)]+\.png)\)", (FOLDER / "README.md").read_text("utf-8"))
    assert wanted == {path.name for path in FOLDER.glob("*.png")}
    assert sorted(listed) == sorted(wanted)


def test_no_page_has_a_serious_finding_of_axe(browser: Browser, months: Months) -> None:
    found: dict[str, list[str]] = {}
    with _watched(browser, signed_in_at=months.address) as page:
        for path in months.paths:
            page.goto(months.address + path)
            found[path] = _seriously_wrong(page)
        choose_for_review(page, months.address)
        found["review"] = _seriously_wrong(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_a_census_without_a_catalog_has_no_serious_finding_and_fits_a_narrow_phone(
    browser: Browser, states: dict[str, str]
) -> None:
    with _watched(browser, width=320) as page:
        for name, address in states.items():
            page.goto(address)
            assert (name, _seriously_wrong(page)) == (name, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_every_page_has_a_title_of_its_own_one_first_heading_and_a_name_for_each_control(months: Months) -> None:
    titles: dict[str, str] = {}
    with Visit(months.address) as visit:
        for path in months.paths:
            text = visit.get(path).text
            assert len(re.findall(r"<h1[ >]", text)) == 1, path
            title = re.search(r"<title>([^<]+)</title>", text)
            assert title is not None, path
            assert "Model Census" in title[1], path
            titles[path] = title[1]
    plain = [path for path in titles if "?" not in path]
    assert len({titles[path] for path in plain}) == len(plain), titles


def test_no_page_complains_asks_another_host_or_scrolls_sideways_on_a_narrow_phone(
    browser: Browser, months: Months
) -> None:
    wide: list[str] = []
    with _watched(browser, width=320, signed_in_at=months.address) as page:
        for path in months.paths:
            page.goto(months.address + path)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            if page.evaluate("document.documentElement.scrollWidth") > 320:
                wide.append(path)
        # The browser itself notes that some of these pages are refusals.
        assert [each for each in page.heard if "404" not in each and "422" not in each] == []  # type: ignore[attr-defined]
    assert wide == []


def test_harm_from_upstream_is_shown_harmlessly_on_every_page(browser: Browser, harm: str) -> None:
    own = (
        f"/models/{quote(HOSTILE_KEY)}", f"/models/{quote(LONG_KEY)}", f"/entity/{quote(HOSTILE_KEY)}",
        f"/compare?m={quote(HOSTILE_KEY, safe='')}&m={quote(LONG_KEY, safe='')}", "/providers/lab",
        f"/admin/models/{quote(HOSTILE_KEY)}", "/models?q=%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE",
        "/find?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/login?to=javascript:alert(1)",
    )  # fmt: skip
    with Visit(harm) as visit:
        plans = re.findall(r"/admin/plans/[0-9a-f]{8,}", visit.get("/admin/plans").text)
        paths = (*PUBLIC.values(), *VARIANTS, *OFFICE.values(), *own, *plans[:2])
        for path in paths:
            text = visit.get(path).text
            assert _harm(text) == [], path
    with _watched(browser, width=320, signed_in_at=harm) as page:
        for path in paths:
            page.goto(harm + path)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert [each for each in page.heard if "404" not in each] == []  # type: ignore[attr-defined]


def test_every_public_page_can_be_read_without_scripts(browser: Browser, months: Months) -> None:
    address = months.address
    with _watched(browser, js=False) as page:
        for path in months.public:
            page.goto(address + path)
            assert page.locator("h1").is_visible(), path
        page.goto(f"{address}/models")
        page.get_by_role("searchbox").last.fill("gpt-5.1")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=gpt-5.1**")
        page.locator("tbody").get_by_role("link", name="GPT-5.1").first.click()
        page.wait_for_url("**/models/openai/gpt-5.1")


def test_every_link_of_every_page_leads_somewhere(months: Months) -> None:
    with Visit(months.address) as visit:
        links = {
            urljoin(path, unescape(link)): path
            for path in months.paths
            if (answer := visit.get(path)).status_code == 200
            for link in re.findall(r'<a [^>]*href="([^"]*)"', answer.text)
        }
        followed, broken = Counter[str](), list[tuple[str, str]]()
        for link, path in links.items():
            followed[kind := _kind_of(link)] += 1
            # Links of one kind differ only in the model that they are about.
            if followed[kind] <= _LINKS_OF_A_KIND and not link.startswith("http"):
                place, _, part = link.partition("#")
                answer = visit.get(place)
                if answer.status_code >= 400 or (part and f'id="{part}"' not in answer.text):
                    broken.append((path, link))
    assert len(followed) > 50
    assert broken == []


def _kind_of(link: str) -> str:
    """The shape of an address: its path without the thing that it names, and the names of its parameters."""
    parts = urlsplit(link)
    place = re.sub(r"/(models|providers|sources|entity|plans|audit|syncs)/.+", r"/\1/", parts.path)
    return place + "?" + "&".join(sorted(dict(parse_qsl(parts.query, keep_blank_values=True))))


def test_administration_is_closed_to_who_has_not_signed_in_and_leads_to_the_login(months: Months) -> None:
    for path in months.office:
        answer = httpx2.get(months.address + path, trust_env=False)
        assert answer.status_code == 303, path
        assert answer.headers["location"] == f"/login?to={quote(path, safe='')}"


def test_every_page_is_there_for_an_empty_census(empty: str) -> None:
    with Visit(empty) as visit:
        for path in (*PUBLIC.values(), *VARIANTS, *OFFICE.values()):
            answer = visit.get(path)
            names_a_thing = path.count("/") > 1 or "m=" in path
            assert answer.status_code in ((200, 303, 404) if names_a_thing else (200, 303)), path
            assert "<h1" in answer.text or answer.status_code == 303, path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A census in which nothing is recorded."""
    path: Path = tmp_path_factory.mktemp("empty") / "census.db"
    with census_at(f"sqlite:///{path}") as census, served(census, OPENED) as address:
        yield address
