"""Feeds: made, held to their consumers' rules, published, and watched."""
