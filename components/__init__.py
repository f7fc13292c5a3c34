"""What is drawn; no decisions."""
