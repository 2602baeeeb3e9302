"""Who makes models, under one name each, and which providers are the makers themselves.

Facts kept by hand, from the catalogs' own ids. A spelling that is not here is a lab of its own, under that spelling:
nothing is guessed from likeness.
"""

from __future__ import annotations

_SPELLINGS = {
    "ai21": ("ai21labs", "ai21-labs"),
    "allenai": ("ai2",),
    "amazon": ("aws", "amazon-nova", "amazon_nova", "nova"),
    "anthropic": (),
    "arcee-ai": ("arcee", "arcee_ai"),
    "baidu": (),
    "bytedance-seed": ("bytedance", "bytedance_seed"),
    "cohere": ("coherelabs", "cohereforai", "cohere_chat"),
    "deepcogito": (),
    "deepseek": ("deepseek-ai",),
    "google": ("gemini",),
    "ibm-granite": ("ibm",),
    "inception": (),
    "inclusionai": (),
    "kwaipilot": ("kwaikat", "kwai-kat"),
    "meituan": ("longcat", "meituan-longcat"),
    "meta-llama": ("meta", "meta_llama", "llama", "facebook"),
    "microsoft": (),
    "minimax": ("minimaxai", "minimax-cn", "minimax-coding-plan", "minimax-cn-coding-plan"),
    "mistralai": ("mistral", "mistral-ai"),
    "moonshotai": ("moonshot", "moonshotai-cn", "kimi", "kimi-for-coding"),
    "morph": (),
    "nex-agi": ("nex",),
    "nousresearch": ("nous-research",),
    "nvidia": (),
    "openai": (),
    "perplexity": (),
    "qwen": ("alibaba", "dashscope"),
    "rekaai": ("reka", "reka-ai"),
    "stepfun": ("stepfun-ai",),
    "tencent": (),
    "upstage": (),
    "writer": (),
    "x-ai": ("xai",),
    "xiaomi": ("xiaomimimo", "xiaomi-token-plan-ams", "xiaomi-token-plan-cn", "xiaomi-token-plan-sgp"),
    "z-ai": ("zai", "zai-org", "zhipuai", "thudm", "zai-coding-plan", "zhipuai-coding-plan"),
}
LABS: dict[str, str] = {spelling: lab for lab, others in _SPELLINGS.items() for spelling in (lab, *others)}
"""Spelling -> the one name of the lab, which is the spelling that OpenRouter uses."""

MAKERS = frozenset(
    {
        "ai21", "alibaba", "amazon_nova", "anthropic", "cohere", "cohere_chat", "dashscope", "deepseek", "gemini",
        "google", "inception", "meta", "minimax", "minimax-cn", "mistral", "moonshot", "moonshotai", "moonshotai-cn",
        "morph", "nova", "nvidia", "openai", "perplexity", "stepfun", "upstage", "writer", "xai", "xiaomi", "zai",
        "zhipuai",
    }
)  # fmt: skip
"""Providers that sell what they make: a name without a lab is theirs. Every other provider is a reseller."""

_QWEN = ("qwen", "qwq", "qvq")
OWN_FAMILIES: dict[str, tuple[str, ...]] = {
    "alibaba": _QWEN,
    "dashscope": _QWEN,
    "google": ("gemini", "gemma", "imagen", "veo", "lyria", "text-embedding", "learnlm", "embedding"),
    "nvidia": ("nemotron", "nvidia", "nv-"),
    "perplexity": ("sonar", "r1-1776", "pplx"),
}
"""Makers that sell other labs' models beside: of the names without a lab, these are their own."""

VENDORS = {
    "ai21": "ai21", "amazon": "amazon", "anthropic": "anthropic", "cohere": "cohere", "deepseek": "deepseek",
    "google": "google", "meta": "meta-llama", "minimax": "minimax", "mistral": "mistralai", "moonshot": "moonshotai",
    "moonshotai": "moonshotai", "nvidia": "nvidia", "openai": "openai", "qwen": "qwen", "writer": "writer",
    "xai": "x-ai", "zai": "z-ai",
}  # fmt: skip
"""Bedrock's and OCI's word before the dot
(https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html)."""

JOINED = {
    "anthropic-claude-": "anthropic", "openai-gpt-": "openai", "meta-llama-": "meta-llama", "alibaba-qwen": "qwen",
    "cohere-command-": "cohere", "zai-glm-": "z-ai", "nvidia-nemotron-": "nvidia", "xai-grok-": "x-ai",
}  # fmt: skip
"""A lab's name joined to its own family's by a dash; the family stays in the name."""

MOVING = frozenset(
    {
        "codestral", "deepseek-chat", "deepseek-reasoner", "devstral-medium", "devstral-small", "magistral-medium",
        "magistral-small", "mistral-large", "mistral-medium", "mistral-small", "mistral-tiny",
    }
)  # fmt: skip
"""Names that stood for one model after the other, so that each catalog means its own
(https://api-docs.deepseek.com/updates, https://docs.mistral.ai/getting-started/models)."""


def lab_of(spelling: str) -> str:
    """The one name of a lab, however a catalog spells it."""
    folded = spelling.strip().lstrip("~").casefold()
    return LABS.get(folded, folded)


def maker(provider: str | None) -> str | None:
    """The lab that a provider is; None for a reseller."""
    return lab_of(provider) if provider and provider.casefold() in MAKERS else None


def implied(provider: str | None, base: str) -> str | None:
    """The lab of a name that says none, at a provider that makes models itself."""
    own = OWN_FAMILIES.get((provider or "").casefold())
    return maker(provider) if own is None or base.startswith(own) else None
