"""Backup: the whole census as one file, and the file as a census again, on either kind of database."""
