"""The public catalog: models, changes, providers, names and prices."""
