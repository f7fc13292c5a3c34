"""The runtime, on real servers and real processes."""
