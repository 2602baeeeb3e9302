"""Administration: plans, models, names, overrides, inspection, audit, tokens."""
