"""What goes out to people by mail, until it went."""
