"""One module per resource, its schemas beside it."""
