"""Words in Dutch and English, and how dates and sizes are written."""
