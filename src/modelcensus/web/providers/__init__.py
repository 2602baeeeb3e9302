"""Who offers models, and who makes them."""
