"""What people may ask about their own data: their own page, and requests to the privacy desk."""
