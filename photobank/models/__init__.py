"""Tables only, a family per file."""
