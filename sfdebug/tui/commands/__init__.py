"""What the keys do: one table of verbs, and the commands behind it."""
