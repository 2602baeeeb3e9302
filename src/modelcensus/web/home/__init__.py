"""The first page: is everything fresh, what changed."""
