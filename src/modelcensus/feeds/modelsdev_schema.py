"""What opencode takes of models.dev's ``api.json``: one entry that does not fit spoils the whole document for it.

By its own schema (https://github.com/anomalyco/opencode, ``packages/core/src/models-dev.ts``).
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

Number = int | float
_PACKAGE = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")


class _Rates(msgspec.Struct, kw_only=True):
    input: Number
    output: Number
    cache_read: Number | msgspec.UnsetType = msgspec.UNSET
    cache_write: Number | msgspec.UnsetType = msgspec.UNSET


class _Step(msgspec.Struct):
    type: Literal["context"]
    size: Number


class _Tier(_Rates, kw_only=True):
    tier: _Step


class _Cost(_Rates):
    tiers: list[_Tier] | msgspec.UnsetType = msgspec.UNSET
    context_over_200k: _Rates | msgspec.UnsetType = msgspec.UNSET


class _Limit(msgspec.Struct):
    context: Number
    output: Number
    input: Number | msgspec.UnsetType = msgspec.UNSET


_Medium = Literal["text", "audio", "image", "video", "pdf"]
MEDIA: tuple[str, ...] = ("text", "audio", "image", "video", "pdf")


class _Modalities(msgspec.Struct):
    input: list[_Medium]
    output: list[_Medium]


class _Effort(msgspec.Struct, tag="effort"):
    values: list[str | None]


class _Toggle(msgspec.Struct, tag="toggle"):
    pass


class _Budget(msgspec.Struct, tag="budget_tokens"):
    min: Number | msgspec.UnsetType = msgspec.UNSET
    max: Number | msgspec.UnsetType = msgspec.UNSET


class _Field(msgspec.Struct):
    field: str


class _Interface(msgspec.Struct):
    npm: str | msgspec.UnsetType = msgspec.UNSET
    api: str | msgspec.UnsetType = msgspec.UNSET


class _ModeInterface(msgspec.Struct):
    body: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    headers: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


class _Mode(msgspec.Struct):
    cost: _Cost | msgspec.UnsetType = msgspec.UNSET
    provider: _ModeInterface | msgspec.UnsetType = msgspec.UNSET


class _Experimental(msgspec.Struct):
    modes: dict[str, _Mode] | msgspec.UnsetType = msgspec.UNSET


class Model(msgspec.Struct):
    """A model at a provider."""

    id: str
    name: str
    release_date: str
    attachment: bool
    reasoning: bool
    temperature: bool
    tool_call: bool
    limit: _Limit
    family: str | msgspec.UnsetType = msgspec.UNSET
    reasoning_options: list[_Effort | _Toggle | _Budget] | msgspec.UnsetType = msgspec.UNSET
    interleaved: bool | str | _Field | msgspec.UnsetType = msgspec.UNSET
    cost: _Cost | msgspec.UnsetType = msgspec.UNSET
    modalities: _Modalities | msgspec.UnsetType = msgspec.UNSET
    experimental: _Experimental | msgspec.UnsetType = msgspec.UNSET
    status: Literal["alpha", "beta", "deprecated"] | msgspec.UnsetType = msgspec.UNSET
    provider: _Interface | msgspec.UnsetType = msgspec.UNSET


class Provider(msgspec.Struct):
    """A provider and its models."""

    id: str
    name: str
    env: list[str]
    models: dict[str, Model]
    npm: str | msgspec.UnsetType = msgspec.UNSET
    api: str | msgspec.UnsetType = msgspec.UNSET
    doc: str | msgspec.UnsetType = msgspec.UNSET


_document = msgspec.json.Decoder(dict[str, Provider])
_model = msgspec.json.Decoder(Model)


def fits(model: bytes) -> bool:
    """Whether one model, as JSON, is what opencode takes."""
    try:
        _model.decode(model)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def refusals(document: bytes) -> list[str]:
    """opencode's schema, and each id where it belongs."""
    try:
        providers = _document.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [f"opencode would refuse it whole: {error}"]
    stray = [name for name, provider in providers.items() if name != provider.id]
    stray += [
        f"{provider.id}/{name}" for provider in providers.values() for name, model in provider.models.items()
        if name != model.id
    ]  # fmt: skip
    return [f"listed under another id than their own: {', '.join(stray[:5])}"] if stray else []


def is_package(name: object) -> bool:
    """Whether it is a package's plain name: opencode installs what is named here, a file or address included."""
    return isinstance(name, str) and len(name) <= 214 and _PACKAGE.fullmatch(name) is not None


def is_address(text: object) -> bool:
    """Whether it is an address to send requests to."""
    return isinstance(text, str) and text.startswith(("https://", "http://"))
