"""Many executions at once, as a service hosts them: state machines, executions in real order, tokens, activities."""
