"""In front of the framework: ready answers, request ids, logs and measures."""
