"""REST: requests in, responses out; no decisions."""
