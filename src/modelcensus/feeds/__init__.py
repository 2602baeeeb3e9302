"""Feeds: the census in the form that each consumer already reads. One file for each form; see ``feed.py``."""
