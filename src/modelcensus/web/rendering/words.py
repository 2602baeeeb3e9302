"""What fields of a model are called on a page."""

from __future__ import annotations

from modelcensus.core.catalog.fields import PER_MILLION
from modelcensus.web.rendering.shown import brief

_LABELS = {
    "name": "Name", "provider": "Provider", "lab": "Lab", "description": "Description", "modality": "Kind",
    "inputs": "Reads", "outputs": "Writes", "context": "Context", "max_input": "Longest prompt",
    "max_output": "Longest answer", "stage": "Stage", "released": "Released", "knowledge_cutoff": "Knowledge until",
    "deprecated": "Deprecated", "retires": "Retires", "successor": "Successor", "licence": "Licence",
    "open_weights": "Open weights", "parameters": "Parameters", "hugging_face_id": "Hugging Face",
}  # fmt: skip
_PRICES = {
    "input": "Input", "output": "Output", "cache_read": "Cached input", "cache_write": "Cache write",
    "cache_write_1h": "Cache write, 1 hour", "batch_input": "Batch input", "batch_output": "Batch output",
    "reasoning": "Reasoning", "audio_input": "Audio input", "audio_output": "Audio output",
    "audio_cache_read": "Cached audio input", "image_input": "Image input", "image_output": "Image output",
    "image": "Per image", "request": "Per request", "web_search": "Per web search",
    "video_second": "Per second of video", "audio_minute": "Per minute of audio", "character": "Per character",
    "page": "Per page", "tiers": "Long prompts", "windows": "At other times or places", "variable": "Varies",
}  # fmt: skip


def label(path: str) -> str:
    """What a field is called: ``Input price``, ``Context``, ``Vision``; an unknown one by its path."""
    if path in _LABELS:
        return _LABELS[path]
    group, _, name = path.partition(".")
    if group == "price" and name in _PRICES:
        return f"{_PRICES[name]} price" if name in PER_MILLION else _PRICES[name]
    if group in ("capabilities", "links", "benchmarks") and name:
        words = name.replace("_", " ")
        return "JSON mode" if name == "json_mode" else brief(words[:1].upper() + words[1:])
    return brief(path)


def rate(name: str) -> str:
    """What a price is called where it stands among prices: ``Cached input``."""
    return _PRICES.get(name, brief(name))
