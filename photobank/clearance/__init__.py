"""What consent allows: pure policy, facts, stored verdicts."""
