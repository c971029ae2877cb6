"""EventBridge's own language: patterns of events, what a target is given of one, schedules; events as they are made."""
