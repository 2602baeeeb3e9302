"""The first page of administration: is the census well."""
