"""What every part may lean on: errors, ids, the clock, paging."""
