"""The record: each entity as its sources told it."""
