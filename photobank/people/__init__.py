"""People, faces and their review."""
