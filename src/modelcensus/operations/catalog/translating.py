"""Translate: what every source's live entities say, as listings and offerings. Only what is new is looked at."""

from __future__ import annotations

from datetime import date
from zlib import crc32

import msgspec

from modelcensus.core.catalog.listing import Snapshot, Translated, Untranslatable
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.census import Census, Source
from modelcensus.sources.native.facts import PROVIDERS, shelves
from modelcensus.sources.native.filter import load_filter
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.registry import translator_of
from modelcensus.store.bulk import chunks
from modelcensus.store.catalog import listings
from modelcensus.store.catalog.listings import Kept, Pending, Refused
from modelcensus.store.engine import Store


class Translation(msgspec.Struct, frozen=True):
    """How many snapshots were translated anew, and of these how many give no listing for a reason."""

    translated: int = 0
    refused: int = 0
    vanished: int = 0


def translate(census: Census) -> Translation:
    """Translate every snapshot that is new, altered, or was translated otherwise before. Raises ``SettingsError``."""
    aids = aids_of(census, census.now().date())
    translated = refused = 0
    for source in census.sources.values():
        translator = translator_of(source.adapter)
        for category in translator.categories if translator else ():
            assert translator
            done = _translate(census, source, category, translator, aids)
            translated += done.translated
            refused += done.refused
    with census.store.writing() as tx:
        vanished = listings.forget_vanished(tx)
    return Translation(translated, refused, vanished)


def refused(store: Store, *, source: str | None = None, limit: int = 100) -> list[Refused]:
    """Live entities that give no listing though they are models, with the reason."""
    with store.reading() as tx:
        return listings.refused(tx, source=source, limit=limit)


def aids_of(census: Census, today: date) -> Aids:
    """What translators are helped by. Raises ``SettingsError`` for a file of the user's own that cannot be used."""
    own = census.catalog.own_facts
    # A source of an adapter for any provider has a file of the user's own under the source's name, or none.
    named = [name for name, source in census.sources.items() if source.adapter.name not in PROVIDERS]
    providers = [*PROVIDERS, *(name for name in named if own is not None and name not in PROVIDERS)]
    facts = {provider: shelves(provider, own, today=today).entries for provider in providers}
    return Aids(facts=facts, filter=load_filter(census.catalog.own_filter), today=today)


def version_of(translator: Translator, aids: Aids) -> int:
    """The version that listings are kept under: another one for other facts, another filter, another day."""
    if not translator.aided:
        return translator.version
    return crc32(msgspec.json.encode([translator.version, aids])) >> 1


def _translate(census: Census, source: Source, category: str, translator: Translator, aids: Aids) -> Translation:
    version = version_of(translator, aids)
    with uncollected(), census.store.reading() as tx:
        pending = list(listings.pending(tx, source.name, category, version))
    refused = 0
    for part in chunks(pending):
        kept = [told(each, translator, aids) for each in part]
        refused += sum(each.reason is not None for each in kept)
        with census.store.writing() as tx:
            listings.keep(tx, version, kept)
    return Translation(len(pending), refused)


def told(pending: Pending, translator: Translator, aids: Aids) -> Kept:
    """What one snapshot says; whatever goes wrong with it is its own reason."""
    snapshot = pending.snapshot
    try:
        translated = meaning(snapshot, translator, aids)
    except Untranslatable as problem:
        return Kept(entity_id=pending.entity_id, sha256=snapshot.sha256, reason=problem.reason, hint=problem.hint)
    return Kept(
        entity_id=pending.entity_id,
        sha256=snapshot.sha256,
        listing=translated.listing,
        offerings=translated.offerings,
    )


def meaning(snapshot: Snapshot, translator: Translator, aids: Aids) -> Translated:
    """A snapshot translated. Raises ``Untranslatable``, also for a translator that fails."""
    try:
        return translator.translate(snapshot, aids)
    except Untranslatable:
        raise
    except Exception as error:  # a translator may be anybody's code, and an entity anything
        raise Untranslatable(
            f"the translator failed: {type(error).__name__}", "this is a defect of the translator: report it"
        ) from error
