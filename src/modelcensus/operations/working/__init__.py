"""The worker: what is due is entered once, carried out by one living worker at a time, and ended once."""
