"""Mirrors photobank/db."""
