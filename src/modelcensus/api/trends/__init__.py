"""Trends: who rises, how prices move, how many models come and go."""
