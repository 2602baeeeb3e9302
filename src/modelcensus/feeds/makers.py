"""The labs' own services as models.dev names them, for a census that reads no models.dev.

Facts kept by hand, from models.dev's own entries (https://github.com/anomalyco/models.dev, ``providers/``). opencode
finds a provider's key by ``env`` and its code by ``npm``, so that a lab without an entry here is listed but cannot be
used by itself.
"""

from __future__ import annotations

import msgspec


class Maker(msgspec.Struct, frozen=True):
    """A lab's own service: where its key is kept, its documentation, and its address where the package has none."""

    id: str
    name: str
    npm: str
    env: str
    doc: str
    api: str | None = None


_COMPATIBLE = "@ai-sdk/openai-compatible"
MAKERS: dict[str, Maker] = {
    "openai": Maker("openai", "OpenAI", "@ai-sdk/openai", "OPENAI_API_KEY", "https://platform.openai.com/docs/models"),
    "anthropic": Maker(
        "anthropic", "Anthropic", "@ai-sdk/anthropic", "ANTHROPIC_API_KEY",
        "https://docs.anthropic.com/en/docs/about-claude/models",
    ),
    "google": Maker(
        "google", "Google", "@ai-sdk/google", "GOOGLE_GENERATIVE_AI_API_KEY",
        "https://ai.google.dev/gemini-api/docs/models",
    ),
    "mistralai": Maker(
        "mistral", "Mistral", "@ai-sdk/mistral", "MISTRAL_API_KEY",
        "https://docs.mistral.ai/getting-started/models/",
    ),
    "x-ai": Maker("xai", "xAI", "@ai-sdk/xai", "XAI_API_KEY", "https://docs.x.ai/docs/models"),
    "cohere": Maker("cohere", "Cohere", "@ai-sdk/cohere", "COHERE_API_KEY", "https://docs.cohere.com/docs/models"),
    "perplexity": Maker(
        "perplexity", "Perplexity", "@ai-sdk/perplexity", "PERPLEXITY_API_KEY", "https://docs.perplexity.ai"
    ),
    "deepseek": Maker(
        "deepseek", "DeepSeek", _COMPATIBLE, "DEEPSEEK_API_KEY",
        "https://api-docs.deepseek.com/quick_start/pricing", "https://api.deepseek.com",
    ),
    "moonshotai": Maker(
        "moonshotai", "Moonshot AI", _COMPATIBLE, "MOONSHOT_API_KEY",
        "https://platform.moonshot.ai/docs/api/chat", "https://api.moonshot.ai/v1",
    ),
    "z-ai": Maker(
        "zai", "Z.AI", _COMPATIBLE, "ZHIPU_API_KEY",
        "https://docs.z.ai/guides/overview/pricing", "https://api.z.ai/api/paas/v4",
    ),
    "qwen": Maker(
        "alibaba", "Alibaba", _COMPATIBLE, "DASHSCOPE_API_KEY",
        "https://www.alibabacloud.com/help/en/model-studio/models",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    ),
    "meta-llama": Maker(
        "llama", "Llama", _COMPATIBLE, "LLAMA_API_KEY", "https://llama.developer.meta.com/docs/models",
        "https://api.llama.com/compat/v1/",
    ),
    "nvidia": Maker(
        "nvidia", "Nvidia", _COMPATIBLE, "NVIDIA_API_KEY", "https://docs.api.nvidia.com/nim/",
        "https://integrate.api.nvidia.com/v1",
    ),
}  # fmt: skip
"""By the lab's one name."""
