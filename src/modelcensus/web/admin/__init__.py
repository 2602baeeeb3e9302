"""Administration: for whoever has signed in with a role."""
