"""Names of sources that are linked to no model."""
