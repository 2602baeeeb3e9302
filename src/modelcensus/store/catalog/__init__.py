"""The catalog's tables: listings, aliases, models, curation, plans, revisions, audit."""
