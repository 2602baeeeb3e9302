"""Price indexes, risers, models by month."""
