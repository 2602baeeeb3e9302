"""A browser whose user has signed in, and forms as our pages send them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx2
from playwright.sync_api import Page

from modelcensus.settings import AccessSettings, Settings
from tests.web.serving import QUIET

ADMIN = "the administrator's token, of tests alone"
OPENED = Settings(access=AccessSettings(admin_token=ADMIN), api=QUIET)
"""Settings of a census that ``ADMIN`` opens."""
_PROOF = re.compile(r'data-proof="([0-9a-f]{64})"')


def sign_in(page: Page, address: str, *, to: str = "/", credential: str = ADMIN) -> None:
    """Sign in by the page, as a person does."""
    page.goto(f"{address}/login?to={to}")
    page.get_by_label("Token").fill(credential)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


class Visit:
    """A signed-in browser without a browser: cookies are kept, forms bear the proof. Use it as a context manager."""

    def __init__(self, address: str, credential: str = ADMIN) -> None:
        self.client = httpx2.Client(base_url=address, trust_env=False, timeout=20)
        answer = self.client.post("/login", data={"credential": credential, "to": "/"})
        assert answer.status_code == 303, answer.text
        found = _PROOF.search(self.client.get("/").text)
        assert found is not None
        self.proof = found[1]

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str) -> httpx2.Response:
        """A page, redirects not followed."""
        return self.client.get(path)

    def post(self, path: str, fields: Mapping[str, str | list[str]] | None = None) -> httpx2.Response:
        """Send a form; redirects are not followed."""
        return self.client.post(path, data={"proof": self.proof, **(fields or {})})
