"""Many executions at a time."""
