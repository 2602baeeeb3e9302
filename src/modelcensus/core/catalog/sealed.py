"""Digests of the published catalog: what a revision's seal is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from modelcensus.core import canonical
from modelcensus.core.catalog.model import AuditEntry, Published


def content_hash(model: Published) -> bytes:
    """SHA-256 of what is published of one model: id, status, fields. Where it comes from is not part of it."""
    return canonical.digest(canonical.encode([model.id, model.status.value, model.fields]))


def catalog_digest(hashes: Mapping[str, bytes]) -> bytes:
    """SHA-256 over the content hashes of all models, by id: equal catalogs have equal digests, whatever made them."""
    whole = hashlib.sha256()
    for model_id in sorted(hashes):
        whole.update(hashes[model_id] + model_id.encode() + b"\n")
    return whole.digest()


def digest_of_catalog(models: Iterable[Published]) -> bytes:
    """``catalog_digest`` of whole models."""
    return catalog_digest({model.id: content_hash(model) for model in models})


def written_digest(models: Iterable[Published]) -> bytes:
    """SHA-256 over all that a revision wrote: its models with their origins and revisions, by id."""
    whole = hashlib.sha256()
    for model in sorted(models, key=lambda each: each.id):
        whole.update(canonical.encode(model) + b"\n")
    return whole.digest()


def audit_digest(entries: Iterable[AuditEntry]) -> bytes:
    """SHA-256 over entries of the audit log, in the order given."""
    whole = hashlib.sha256()
    for entry in entries:
        whole.update(canonical.encode(entry) + b"\n")
    return whole.digest()


def seal(facts: Mapping[str, Any]) -> bytes:
    """SHA-256 of the facts of one revision, which the chain links."""
    return canonical.digest(canonical.encode(dict(facts)))
