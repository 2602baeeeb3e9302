"""Fields of which sources say different things."""
