"""The gallery app."""
