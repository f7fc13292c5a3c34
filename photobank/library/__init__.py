"""Assets, folders, uploads and their processing."""
