"""The record of who saw or did what."""
