"""Connections, migrations at start, and what every query shares."""
