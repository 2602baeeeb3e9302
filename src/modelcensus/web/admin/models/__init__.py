"""Models as curators see them: edit many at once, override, undo."""
