"""Triggering syncs: whoever starts one, no source is ever synced twice at once."""
