"""What happened, day by day, as a newspaper tells it."""
