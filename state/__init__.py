"""Reflex states: thin, one per page."""
