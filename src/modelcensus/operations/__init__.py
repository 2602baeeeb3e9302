"""The verbs. Each joins sources, store and core; the faces call one and render what it answers."""
