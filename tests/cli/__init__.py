"""Mirrors photobank/cli."""
