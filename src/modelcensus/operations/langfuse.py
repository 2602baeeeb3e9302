"""Bring the prices to Langfuse: its custom models become what the census says (https://api.reference.langfuse.com).

Langfuse fetches nothing, and its older versions know no update: a definition that differs is deleted and created anew.
Only definitions whose names begin with ours are looked at; what people made there stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2
import msgspec

from modelcensus.core.errors import (
    BadRequest,
    InvalidInput,
    KeyRefused,
    NotThere,
    RateLimited,
    Refused,
    SourceError,
    TooLarge,
    Unreachable,
    UpstreamBroken,
)
from modelcensus.feeds.langfuse import PREFIX
from modelcensus.feeds.writing import encode

_MODELS = "/api/public/models"
_PAGE = 100
_MOST_PAGES = 500
_MOST_BYTES = 16 * 1024 * 1024
_SECONDS = 30.0
_COMPARED = ("matchPattern", "unit", "inputPrice", "outputPrice", "totalPrice")


class Known(msgspec.Struct, frozen=True):
    """A definition of ours that is there already."""

    id: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Its ``modelName``."""
        return str(self.body.get("modelName"))


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or would be: names of models created, replaced and deleted; ``kept`` is how many were right."""

    created: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    kept: int = 0
    dry_run: bool = False


class Langfuse:
    """One project of a Langfuse server; a context manager. The keys go nowhere but to this server, in no error.

    Raises ``InvalidInput`` for an address or key that cannot be used.
    """

    def __init__(self, url: str, public_key: str, secret_key: str, *, seconds: float = _SECONDS) -> None:
        try:
            address = httpx2.URL(url.strip().rstrip("/"))
        except httpx2.InvalidURL:
            raise InvalidInput("the address of Langfuse is no URL", "write --url https://host") from None
        if address.scheme not in ("http", "https") or not address.host or address.userinfo or address.query:
            raise InvalidInput("the address of Langfuse cannot be used", "write --url https://host, without keys in it")
        if not (public_key + secret_key).isascii() or not (public_key + secret_key).isprintable():
            raise InvalidInput("a key of Langfuse holds a character that no key has", "copy both keys again")
        self._base, self._host = str(address), address.host
        # The keys must not be led elsewhere, neither by a redirect nor by a proxy of the environment.
        self._client = httpx2.Client(
            auth=(public_key, secret_key), timeout=seconds, follow_redirects=False, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def ours(self) -> Iterator[Known]:
        """The definitions that the census made. Raises ``SourceError``."""
        for page in range(1, _MOST_PAGES + 1):
            found = self._ask("GET", f"{_MODELS}?page={page}&limit={_PAGE}")
            rows = found.get("data") if isinstance(found, dict) else None
            if not isinstance(rows, list):
                raise UpstreamBroken(
                    f"{self._host}: its list of models is none", "check that --url is a Langfuse server"
                )
            for row in rows:
                if isinstance(row, dict) and _is_ours(row):
                    yield Known(str(row.get("id")), row)
            if len(rows) < _PAGE:
                return
        raise UpstreamBroken(f"{self._host}: more than {_MOST_PAGES} pages of models", "check that --url is right")

    def create(self, body: Mapping[str, Any]) -> None:
        """Make a definition. Raises ``SourceError``."""
        self._ask("POST", _MODELS, encode(body))

    def delete(self, known: Known) -> None:
        """Take a definition away; that it is gone already is fine. Raises ``SourceError``."""
        try:
            self._ask("DELETE", f"{_MODELS}/{quote(known.id, safe='')}")
        except NotThere:
            return

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = {"content-type": "application/json"} if body is not None else {}
        try:
            with self._client.stream(method, self._base + path, content=body, headers=headers) as response:
                content = b""
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > _MOST_BYTES:
                        raise TooLarge(f"{self._host}: an answer of more than {_MOST_BYTES:,} bytes", "check --url")
        except httpx2.HTTPError as error:
            kind = type(error).__name__
            raise Unreachable(f"{self._host} cannot be asked: {kind}", "check --url, and that Langfuse runs") from None
        if not 200 <= response.status_code < 300:
            raise _failure(response.status_code, self._host, method)
        try:
            return msgspec.json.decode(content) if content else None
        except (msgspec.DecodeError, RecursionError):
            raise UpstreamBroken(
                f"{self._host}: its answer is no JSON", "check that --url is a Langfuse server"
            ) from None


def push(langfuse: Langfuse, definitions: list[dict[str, Any]], *, dry_run: bool = False) -> Push:
    """Make the definitions of ours there those that are given; with ``dry_run`` only say what would be done.

    Interrupted or failed, the next push does the rest. Raises ``SourceError``.
    """
    wanted = {str(body["modelName"]): body for body in definitions}
    there: dict[str, list[Known]] = {}
    for known in langfuse.ours():
        there.setdefault(known.name, []).append(known)
    right = {name for name, all_ in there.items() if len(all_) == 1 and _same(all_[0].body, wanted.get(name))}
    created = [name for name in wanted if name not in there]
    replaced = [name for name in wanted if name in there and name not in right]
    deleted = [name for name in there if name not in wanted]
    if not dry_run:
        for name in deleted:
            _delete(langfuse, there[name])
        for name in replaced:
            # It refuses a second definition of one name: the old one goes first.
            _delete(langfuse, there[name])
            langfuse.create(wanted[name])
        for name in created:
            langfuse.create(wanted[name])
    shown = (tuple(each.removeprefix(PREFIX) for each in names) for names in (created, replaced, deleted))
    new, other, gone = shown
    return Push(created=new, replaced=other, deleted=gone, kept=len(right), dry_run=dry_run)


def _delete(langfuse: Langfuse, all_: list[Known]) -> None:
    for known in all_:
        langfuse.delete(known)


def _is_ours(row: Mapping[str, Any]) -> bool:
    return str(row.get("modelName")).startswith(PREFIX) and row.get("isLangfuseManaged") is not True


def _same(there: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> bool:
    return wanted is not None and all(_plain(there.get(name)) == _plain(wanted.get(name)) for name in _COMPARED)


def _plain(value: Any) -> Any:
    # It answers with floats: the nearest one is all that can be compared.
    return value if value is None or isinstance(value, (str, bool)) else float(value)


def _failure(status: int, host: str, method: str) -> SourceError:
    if status in (401, 403):
        return KeyRefused(
            f"{host} refuses the keys ({status})", "set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY of the project"
        )
    if status == 404:
        return NotThere(f"{host}: there is no such path ({method})", "check that --url is a Langfuse server")
    if status == 429:
        return RateLimited(f"{host} allows no more requests for now", "push again later: it goes on where it was")
    if status >= 500:
        return UpstreamBroken(f"{host} failed ({status})", "push again later: it goes on where it was")
    if status == 400:
        return BadRequest(f"{host} refuses a definition ({status})", "see 'modelcensus export langfuse'")
    return Refused(f"{host} refuses ({status})", "check that --url is a Langfuse server")
