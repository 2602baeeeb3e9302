"""The named transforms that take a model's name apart, in their order.

Each does one thing that is known to be so of the names it touches, and nothing where it does not apply. None of them
guesses: what is not understood stays in the base, and a base that no model has stays unlinked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from modelcensus.core.catalog.labs import JOINED, MOVING, VENDORS, lab_of

TRANSPORTS = (
    "openrouter/", "bedrock/converse/", "bedrock/", "bedrock_mantle/", "vertex_ai/", "azure_ai/", "azure/",
    "together_ai/", "fireworks_ai/", "accounts/fireworks/models/", "github_copilot/", "vercel_ai_gateway/",
    "deepinfra/", "groq/", "replicate/", "watsonx/", "oci/", "sambanova/", "cerebras/", "novita/", "nebius/",
    "hyperbolic/", "nscale/", "lambda_ai/", "wandb/", "publicai/", "gmi/", "crusoe/", "baseten/",
    "scaleway/", "ovhcloud/", "heroku/", "gradient_ai/", "volcengine/", "llamagate/", "anyscale/",
    "libertai/", "tensormesh/", "pinstripes/", "ps/", "route/", "models/", "tee/", "pro/",
    "workers-ai/", "cloudflare/", "@cf/", "@hf/",
    "hf:", "huggingface/", "ollama/", "chatgpt/", "darkbloom/", "friendliai/", "featherless_ai/", "lemonade/",
)  # fmt: skip
REGIONS = ("us-gov.", "us.", "eu.", "jp.", "au.", "ca.", "apac.", "global.", "regional.")
VARIANTS = frozenset(
    {"free", "batch", "extended", "nitro", "floor", "online", "exacto", "beta", "thinking", "discounted"}
)

_REGION_STEP = re.compile(
    r"^(?:us-gov-(?:east|west)-\d|(?:us|eu|ap|sa|ca|me|af)-[a-z]+-\d|us|eu|global|global-standard)/(?=[a-z])"
)
_FULL_DATE = re.compile(r"[-@](20[12]\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")
_MONTH_YEAR = re.compile(r"-(0[1-9]|1[0-2])-(20[12]\d)$")
_MONTH_DAY = re.compile(r"-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
_SHORT_DATE = re.compile(r"-(\d{4}|2[3-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))$")
_REVISION = re.compile(r"(?:^(?:gemini|imagen|veo)-.*-|@)(00\d)$")
_QUANTIZATION = re.compile(
    r"-(mlx-\d+bit|fp8-dynamic|mxfp4-gguf|(?:nv|mx)?fp(?:4|8|16)|bf16|int[48]|w[48]a(?:8|16)|awq|gptq|gguf|"
    r"i?q\d(?:_[a-z0-9]+)*|\d+bit)$"
)
_CLAUDE = re.compile(r"^claude-(\d+(?:-\d+)?)-(opus|sonnet|haiku|fable|instant)(?=-|$)")
_CLAUDE_ZERO = re.compile(r"^(claude-(?:opus|sonnet|haiku)-4)-0$")
_BEDROCK_VERSION = re.compile(r"-(?:v(\d+)(?::(\d+))?|1:0)$")
_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class Draft:
    """A name on its way through the transforms; ``text`` is what is not understood yet."""

    text: str
    provider: str | None = None
    router: bool = False
    lab: str | None = None
    date: str | None = None
    variant: str | None = None
    mode: str | None = None
    quantization: str | None = None
    moving: bool = False
    preview: bool = False
    written: str = ""
    via: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Transform:
    """One step: ``why`` says what makes it sound."""

    name: str
    why: str
    apply: Callable[[Draft], None]


def _case(draft: Draft) -> None:
    draft.text = draft.text.strip().casefold()


def _transport(draft: Draft) -> None:
    own = (f"{draft.provider.casefold()}/",) if draft.provider else ()
    for _ in range(4):
        prefix = next((p for p in (*own, *TRANSPORTS) if draft.text.startswith(p)), None)
        if prefix is None or len(prefix) == len(draft.text):
            return
        if prefix == "openrouter/" and not own and draft.text.count("/") == 1:
            return  # OpenRouter's own routers: it is the lab of these
        draft.via.add(prefix)
        draft.text = draft.text[len(prefix) :]
        own = ()  # a lab may have the name of the provider that resells it: nvidia/nvidia/...


def _tilde(draft: Draft) -> None:
    if draft.text.startswith("~") and len(draft.text) > 1:
        draft.moving = True
        draft.text = draft.text[1:]


def _region(draft: Draft) -> None:
    if draft.via or draft.provider:
        draft.text = _REGION_STEP.sub("", draft.text, count=1)
    for prefix in REGIONS:
        rest = draft.text[len(prefix) :]
        if draft.text.startswith(prefix) and rest.split(".", 1)[0] in VENDORS:
            draft.text = rest
            return


def _written(draft: Draft) -> None:
    draft.written = draft.text


def _vendor(draft: Draft) -> None:
    vendor, dot, rest = draft.text.partition(".")
    if dot and vendor in VENDORS and rest[:1].isalpha() and "/" not in draft.text:
        draft.lab = VENDORS[vendor]
        draft.text = rest
        draft.via.add("vendor")


def _lab(draft: Draft) -> None:
    for mark in ("/", "--"):
        spelling, found, rest = draft.text.partition(mark)
        if found and spelling and rest and "/" not in rest:
            draft.lab = lab_of(spelling)
            draft.text = rest
            return


def _databricks(draft: Draft) -> None:
    if draft.text.startswith("databricks-"):
        draft.text = draft.text.removeprefix("databricks-")


def _joined_lab(draft: Draft) -> None:
    for prefix, lab in JOINED.items():
        if draft.text.startswith(prefix) and draft.lab in (None, lab):
            draft.lab = lab
            draft.text = draft.text[prefix.index("-") + 1 :]
            return


def _bedrock_version(draft: Draft) -> None:
    found = _BEDROCK_VERSION.search(draft.text)
    if found is None:
        return
    rest = draft.text[: found.start()]
    plain = found[1] in (None, "1") or _FULL_DATE.search(rest) is not None
    of_bedrock = found[2] is not None or found[1] is None or "vendor" in draft.via
    # Of claude-v2:1 and titan-embed-text-v2:0 the version is the model's own.
    if plain and of_bedrock and (_DIGIT.search(rest) or rest.startswith("nova-")):
        draft.text = rest


def _hosting(draft: Draft) -> None:
    for suffix in ("-maas", "-tee"):
        draft.text = draft.text.removesuffix(suffix) or draft.text


def _tag(draft: Draft) -> None:
    base, colon, tag = draft.text.rpartition(":")
    if not (colon and base):
        return
    if tag in VARIANTS:
        draft.variant = tag
        draft.text = base
    elif re.fullmatch(r"\d+b", tag):
        draft.text = f"{base}-{tag}"


def _at(draft: Draft) -> None:
    draft.text = draft.text.removesuffix("@default")


def _latest(draft: Draft) -> None:
    base = re.sub(r"[-@:]latest$", "", draft.text)
    if base != draft.text and base:
        draft.moving = True
        draft.text = base


def _lab_alias(draft: Draft) -> None:
    if draft.text in MOVING and not draft.router and "openrouter/" not in draft.via:
        draft.moving = True


def _quantization(draft: Draft) -> None:
    found = _QUANTIZATION.search(draft.text)
    if found and found.start():
        draft.quantization = found[1]
        draft.text = draft.text[: found.start()]


def _mode(draft: Draft) -> None:
    found = re.search(r"-(thinking|think|reasoning)$", draft.text)
    if found and draft.mode is None:
        draft.mode = found[1]
        draft.text = draft.text[: found.start()]


def _date(draft: Draft) -> None:
    if draft.date is not None:
        return
    for pattern in (_FULL_DATE, _MONTH_YEAR, _MONTH_DAY, _SHORT_DATE, _REVISION):
        found = pattern.search(draft.text)
        if found and found.start(1) > 1:
            parts = found.groups()
            draft.date = "".join(reversed(parts)) if pattern is _MONTH_YEAR else "".join(parts)
            draft.text = draft.text[: found.start(1) - 1]
            return


def _preview(draft: Draft) -> None:
    if draft.text.endswith("-preview") and draft.text != "-preview":
        draft.preview = True
        draft.text = draft.text.removesuffix("-preview")


def _point(draft: Draft) -> None:
    if (draft.provider or "").casefold().startswith("fireworks") or "accounts/fireworks/models/" in draft.via:
        draft.text = re.sub(r"(?<=\d)p(?=\d)", "-", draft.text)


def _dots(draft: Draft) -> None:
    draft.text = re.sub(r"(?<=\d)[._](?=\d)", "-", draft.text)


def _claude(draft: Draft) -> None:
    draft.text = _CLAUDE_ZERO.sub(r"\1", _CLAUDE.sub(r"claude-\2-\1", draft.text))


def _family(draft: Draft) -> None:
    text = re.sub(r"^llama-?v?(?=\d)", "llama-", draft.text)
    text = re.sub(r"^qwen-(?=\d)", "qwen", text)
    draft.text = re.sub(r"^gpt-35(?=-|$)", "gpt-3-5", text)


def _nova(draft: Draft) -> None:
    if draft.lab == "amazon" and draft.text.startswith("nova-"):
        draft.text = draft.text.removesuffix("-v1")


TRANSFORMS: tuple[Transform, ...] = (
    Transform("case", "no catalog has two models whose names differ in case only", _case),
    Transform("transport prefix", "it names the way to the model, or who resells it, and not the model", _transport),
    Transform("tilde", "OpenRouter marks moving names with it", _tilde),
    Transform("region prefix", "it says where the model runs", _region),
    Transform("as written", "this is the form that is compared with Hugging Face ids", _written),
    Transform("vendor prefix", "Bedrock and OCI name the lab before a dot", _vendor),
    Transform("lab", "catalogs name the lab before a slash, or before two dashes", _lab),
    Transform("databricks prefix", "Databricks puts its own name before the models that it serves", _databricks),
    Transform("joined lab", "the lab's name before its own family's name says nothing more", _joined_lab),
    Transform("bedrock version", "Bedrock ends names with its own version, -v1:0", _bedrock_version),
    Transform("hosting suffix", "-maas and -TEE say how a model is hosted", _hosting),
    Transform("tag", "after a colon comes a variant, or in Ollama's names the size", _tag),
    Transform("default", "Vertex says @default where there is one version only", _at),
    Transform("latest", "it is whichever model is newest", _latest),
    Transform("lab's alias", "its lab points it at a new model now and then; OpenRouter does not", _lab_alias),
    Transform("quantization", "the same model with coarser numbers", _quantization),
    Transform("mode", "-thinking and -reasoning may be a way to run a model, or a model of its own", _mode),
    Transform("date", "a date at the end names a snapshot", _date),
    Transform("preview", "a preview is not the model that follows it", _preview),
    Transform("date before preview", "some labs put the date first", _date),
    Transform("mode before date", "some labs put the date last", _mode),
    Transform("point", "Fireworks writes p for the dot of a version", _point),
    Transform("dot to dash", "between digits only: half of the catalogs cannot have dots in names", _dots),
    Transform("claude's words", "version and size changed places with Claude 4", _claude),
    Transform("family and version", "llama3 is llama-3, qwen-2.5 is qwen2.5, and Azure's gpt-35 is gpt-3.5", _family),
    Transform("nova's version", "Amazon's Nova models are all -v1 in some catalogs", _nova),
)
"""In the order in which they are applied."""
