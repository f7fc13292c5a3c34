"""Mirrors photobank/access."""
