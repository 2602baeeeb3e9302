"""The catalog's values and rules: what sources say in one schema, how it is linked, merged, guarded and curated."""
