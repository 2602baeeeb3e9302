"""One model: facts and where they come from, offerings, prices over time, its life."""
