"""Signs of life for load balancers and monitors, and the whole look for administrators."""
