"""Who may do what: actors, permissions, grants, visibility."""
