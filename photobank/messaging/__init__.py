"""Outbox, job queue and push channels."""
