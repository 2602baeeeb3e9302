"""An administrator's desk: a served census, asked with credentials, every answer held against /openapi.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import jsonschema_rs

from modelcensus.core.access import Role
from modelcensus.operations import tokens
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings
from tests.web.serving import served

SECRET = "an-admin-token-of-tests"


class Desk:
    """Asks one server; ``census`` is what it serves."""

    def __init__(self, address: str, census: Census) -> None:
        self.address = address
        self.census = census
        self.secret: str | None = SECRET

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> httpx2.Response:
        """One request below /api/admin; ``path`` is taken as it is, ``body`` becomes JSON unless it is bytes."""
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        given = {name: value for name, value in query.items() if value is not None}
        return self.send(method, path + (f"?{urlencode(given)}" if given else ""), content, headers)

    def send(self, method: str, path: str, content: Any, headers: Mapping[str, str]) -> httpx2.Response:
        """One request with these headers and no others; its answer is what the description says."""
        with httpx2.Client(trust_env=False, timeout=20) as client:
            answer = client.request(method, f"{self.address}/api/admin{path}", content=content, headers=dict(headers))
        _conforms(_description(self.address), method, f"/api/admin{path.partition('?')[0]}", answer)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """A good answer's document."""
        return _good(self.ask("GET", path, **query))

    def do(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """What an act that is done answers."""
        return _good(self.ask(method, path, body, **query))

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, dict[str, Any]]:
        """The status and the problem document of a refusal, which says what to do next."""
        answer = self.ask(method, path, body, **query)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["title"]
        assert problem["detail"]
        return answer.status_code, problem

    @contextmanager
    def as_role(self, role: Role) -> Iterator[None]:
        """Within the block it is somebody of this role who asks."""
        made = tokens.create(
            self.census.store, f"of-tests-{role.value}", role=role, actor="ann", now=self.census.clock()
        )
        before, self.secret = self.secret, made.secret
        try:
            yield
        finally:
            self.secret = before


@contextmanager
def desk_on(census: Census) -> Iterator[Desk]:
    """A desk on an open census, served while it lasts."""
    with served(census, Settings(access=AccessSettings(admin_token=SECRET))) as address:
        yield Desk(address, census)


def pages(desk: Desk, path: str, **query: Any) -> list[Any]:
    """All pages of one, joined."""
    found: list[Any] = []
    after = None
    for _ in range(50):
        page = desk.get(path, limit=1, after=after, **query)
        assert len(page["data"]) <= 1
        found += page["data"]
        after = page["next"]
        if after is None:
            return found
    raise AssertionError("the pages have no end")


def of(model_id: str, safe: str = "/") -> str:
    """The path of a model."""
    return f"/models/{quote(model_id, safe=safe)}"


_descriptions: list[dict[str, Any]] = []


def _description(address: str) -> dict[str, Any]:
    """What the API says of itself: asked for once, for it is long, and the same whatever is served."""
    if not _descriptions:
        with httpx2.Client(trust_env=False, timeout=20) as client:
            _descriptions.append(client.get(f"{address}/openapi.json").json())
    return _descriptions[0]


def _conforms(description: dict[str, Any], method: str, path: str, answer: httpx2.Response) -> None:
    fitting = [
        each
        for each, told in description["paths"].items()
        if method.lower() in told and re.fullmatch(re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(each)), path, re.DOTALL)
    ]
    if not fitting:
        return
    told = description["paths"][max(fitting, key=len)][method.lower()]["responses"]
    assert str(answer.status_code) in told, f"{method} {path}: {answer.status_code} is not told of"
    (kind, content), *_ = told[str(answer.status_code)]["content"].items()
    assert answer.headers["content-type"] == kind
    schema = {**content["schema"], "components": description["components"]}
    errors = list(jsonschema_rs.Draft202012Validator(schema).iter_errors(answer.json()))
    assert not errors, f"{method} {path}: {errors[0].message} at {errors[0].instance_path}"


def _good(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()
