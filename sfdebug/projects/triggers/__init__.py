"""What starts state machines, as projects declare it: rules, schedules, pipes, paths of an API."""
