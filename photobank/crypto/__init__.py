"""Encryption: blobs, fields, wrapped keys. See docs/formats."""
