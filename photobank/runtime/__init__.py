"""Embedded servers, supervisor, health, metrics, doctor."""
