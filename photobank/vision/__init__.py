"""Faces: engines, nearest neighbours, clusters, calibration."""
