"""Background jobs: short async functions that take ids, safe to run twice. The work is in the services."""
