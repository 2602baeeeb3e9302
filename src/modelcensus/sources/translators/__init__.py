"""Translators: what each upstream's entities say, in the catalog's one schema. One file for each adapter."""
