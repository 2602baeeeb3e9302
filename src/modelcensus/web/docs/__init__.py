"""Documentation in the product: the API, and the words of the census."""
