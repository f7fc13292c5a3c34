"""Background jobs: short async functions that take ids."""
