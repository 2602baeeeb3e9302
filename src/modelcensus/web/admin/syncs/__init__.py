"""Syncs: start, watch, cancel, look back."""
