"""Near-copies of photos: found after decoding, decided by people, cleaned up; bursts put together as stacks."""
