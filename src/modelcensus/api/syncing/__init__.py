"""Syncs triggered over HTTP: by administrators, cron and events."""
