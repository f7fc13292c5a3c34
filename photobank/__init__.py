"""Photobank: an encrypted image bank for photos of people. Importing it never loads the UI framework."""

__version__ = "0.1.0"
