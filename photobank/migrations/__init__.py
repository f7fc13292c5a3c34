"""Dated versions, one change each."""
