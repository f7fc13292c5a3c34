"""Users, passwords, sessions, API keys, first set-up."""
