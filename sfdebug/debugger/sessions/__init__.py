"""Sessions that stay: a journal of what was decided, from which everything else is computed again."""
