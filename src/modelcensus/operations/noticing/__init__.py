"""Notices: what happened that people are to be told of, who is told, and how it reaches them."""
