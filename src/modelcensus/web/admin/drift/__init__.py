"""What upstreams changed in the form of their answers."""
