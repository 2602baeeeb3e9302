"""What a model is for, in one word, by what it takes and gives; and one spelling for the words that sources use."""

from __future__ import annotations

from collections.abc import Iterable

from modelcensus.core.catalog.listing import Modality

WORDS = ("text", "image", "video", "audio", "file", "embedding", "rerank")
"""What may go in or come out, in the order in which lists are kept."""
MAX_WORDS = 32
"""Elements of an upstream's list that are looked at."""
MAX_CHARS = 200
"""Characters of an upstream's modality string that are looked at."""

_SPELLINGS = {
    "texts": "text", "code": "text", "string": "text", "transcription": "text", "transcriptions": "text",
    "images": "image", "picture": "image", "vision": "image", "videos": "video",
    "speech": "audio", "voice": "audio", "sound": "audio", "music": "audio", "audios": "audio",
    "pdf": "file", "document": "file", "documents": "file", "files": "file",
    "embeddings": "embedding", "vector": "embedding", "vectors": "embedding", "reranking": "rerank",
    "moderation": "text", "score": "rerank", "scores": "rerank",
}  # fmt: skip
_MEDIA = (("image", Modality.IMAGE), ("video", Modality.VIDEO), ("audio", Modality.AUDIO))


def word(said: object) -> str | None:
    """One of ``WORDS`` for a source's word of it; None for what is none of them."""
    if not isinstance(said, str):
        return None
    said = said.strip().lower()
    said = _SPELLINGS.get(said, said)
    return said if said in WORDS else None


def words(said: object) -> tuple[str, ...]:
    """The words of a source's list, each once, in the order of ``WORDS``; what cannot be understood is left out."""
    if not isinstance(said, (list, tuple)):
        return ()
    found = {word(each) for each in said[:MAX_WORDS]}
    return tuple(name for name in WORDS if name in found)


def parted(said: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(inputs, outputs) of a string such as ``text+image->text``; empty where it says nothing of a side."""
    if not isinstance(said, str):
        return (), ()
    before, arrow, after = said[:MAX_CHARS].partition("->")
    return (words(before.split("+")), words(after.split("+"))) if arrow else ((), ())


def modality(inputs: Iterable[str], outputs: Iterable[str], said: object = None) -> Modality | None:
    """The modality by these rules, in order; ``said`` is a source's modality string, such as ``text->embeddings``.

    1. An output is image, video or audio: that one. Of several the first in this order, whether text comes out too or
       not: text beside a picture is how such models answer, the picture is what they are chosen for.
    2. The string says embedding, or an output is one: embedding.
    3. An input is image or audio: multimodal.
    4. Else text. None only where nothing at all is known: neither inputs nor outputs, nor a string.
    """
    ins, outs = set(inputs), set(outputs)
    string = said[:MAX_CHARS].lower() if isinstance(said, str) else ""
    if not (ins or outs or string.strip()):
        return None
    for name, found in _MEDIA:
        if name in outs:
            return found
    if "embedding" in string or "embedding" in outs:
        return Modality.EMBEDDING
    return Modality.MULTIMODAL if ins & {"image", "audio"} else Modality.TEXT
