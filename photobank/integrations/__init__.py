"""What other systems bring in and take out."""
