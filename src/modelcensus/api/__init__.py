"""The JSON API: parse, call one operation, answer."""
