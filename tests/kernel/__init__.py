"""Mirrors photobank/kernel."""
