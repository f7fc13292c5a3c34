"""Consents and releases, and their withdrawal."""
