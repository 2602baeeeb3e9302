"""Upstream catalogs: what each one's address, pages and fields are called. Knows no table."""
