"""The words of the census, for readers; docs/glossary.md has all of them, for those who build it."""

from __future__ import annotations

WORDS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("What is recorded", (
        ("source", "A catalog of models that somebody else keeps, such as openrouter. The census reads it and never"
         " writes to it."),
        ("entity", "One thing that a source lists: a model, an endpoint (a model at a provider), a provider."),
        ("key", "The name of an entity in its source, such as openai/gpt-4.1."),
        ("sync, reading", "A sync reads one listing of a source and records it whole. A reading that is broken off, or"
         " far smaller than the one before, removes nothing."),
        ("snapshot", "What a source said of an entity at one time. Snapshots are never changed and never deleted."),
        ("observed", "When the source said so. All history and every “as of” goes by it, also where the census read it"
         " later."),
        ("change", "Between two snapshots: an entity appeared, was altered field by field, vanished, or came back."),
        ("quarantine", "Where something waits that could not be understood. Its last good version stays."),
        ("drift", "A field, a type or a value that was never there before, or a field that is gone."),
        ("finding, score", "What is wrong with an entity by the checks of its source; the score of a catalog, of 100,"
         " is made of them."),
        ("offline data", "A reading out of an installed package or a file instead of the source itself: as old as it"
         " says."),
    )),
    ("What is published", (
        ("model", "An entry of the published catalog. Each of its fields names the source that said it, and when."),
        ("offering", "A price and limits of a model at one provider, in one region where it says so."),
        ("published, revision", "The catalog changes only by revisions, numbered from 1. Each can be looked at again"
         " and rolled back."),
        ("edition", "The catalog as it is shown now: the last revision, and what people have said since."),
        ("alias", "Another name of a model, with the evidence for it and who decided."),
        ("disagreement", "A field of which sources say different things. One word counts, by an order that is set; all"
         " of them are kept."),
        ("price", "In dollars for a million tokens, where nothing else is said. Unknown is never shown as free."),
        ("lifecycle", "Active, deprecated or retired, from what a provider says outright."),
        ("price index", "How prices of the same models moved, 100 in its first month."),
    )),
    ("What people decide", (
        ("plan", "What new readings would change in the catalog, step by step, to be looked at before it is applied."),
        ("held", "A step that looks implausible, such as a price that rose tenfold, is held back with the reason until"
         " a person releases it."),
        ("override", "A field that a person sets instead of what sources say, with a reason and, where it is wanted, an"
         " end. It warns when the sources move under it."),
        ("curation", "What people say of a model: on or off, curated, for which tiers, its shown name, notes."),
        ("tier", "Whose models a caller sees: free, pro or enterprise, each with all that those before it see. Who has"
         " not signed in is free."),
        ("role", "What a caller may do: a reader reads, a viewer also sees administration, a curator also edits and"
         " decides plans, an admin also starts syncs and keeps tokens. Each may do what those before it may."),
        ("token", "A named credential. Its secret is shown once and kept as a hash."),
        ("incident, notice", "One thing of which people are to be told, once; a notice tells it to one target."),
        ("webhook, delivery", "A program's address that is told of each revision, and one message to it."),
    )),
)  # fmt: skip
"""Groups of words: title, then each word with what it means."""

KEYS: tuple[tuple[str, str], ...] = (
    ("/", "go to the search box of the page"),
    ("Tab, Shift Tab", "to the next or the previous link, button or field"),
    ("Enter", "open a link, send a form, press a button"),
    ("Space", "open or close a “What is this?”, tick a box"),
    ("Arrow keys", "scroll a wide table once it has the focus"),
)
"""Keys, and what each does on every page; single pages tell theirs in their own help."""
