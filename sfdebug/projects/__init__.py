"""Projects: templates and what stands beside them, read as state machines, functions and resources with positions."""
