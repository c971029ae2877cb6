"""A budget of speed that no clock decides: calls, allocations and imports are counted, and held to `budgets.json`."""
