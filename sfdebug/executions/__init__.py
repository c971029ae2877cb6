"""Many executions: what became of each, from AWS or from a folder, together and kept."""
