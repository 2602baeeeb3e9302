"""Is the census well, and what is to be done where it is not? ``looking.look`` puts the checks together."""
