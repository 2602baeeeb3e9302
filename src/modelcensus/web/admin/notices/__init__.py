"""Notices: rules, targets, what was sent and what waits."""
