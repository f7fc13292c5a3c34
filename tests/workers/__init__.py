"""Mirrors workers/."""
