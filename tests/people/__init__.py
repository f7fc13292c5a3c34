"""Mirrors photobank/people."""
