"""Grid, viewer, face boxes, uploader."""
