"""Webhooks: who is told of changes, what is owed to them, and how it gets there."""
