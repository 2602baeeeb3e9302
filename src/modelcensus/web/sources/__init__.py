"""Every catalog that is read: whether it is fresh, and what it says."""
