"""Sources as they are set up: their settings without secrets, and a test."""
