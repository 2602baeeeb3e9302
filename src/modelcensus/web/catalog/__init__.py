"""The catalog: every model, searched, filtered and sorted."""
