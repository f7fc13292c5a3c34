"""Mirrors photobank/library."""
