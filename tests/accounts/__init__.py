"""Mirrors photobank/accounts."""
