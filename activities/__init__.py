"""Thin activities: they call the store and the mail."""
