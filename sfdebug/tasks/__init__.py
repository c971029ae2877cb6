"""Task handlers: what answers a Task. `handler` holds the protocol, every other module one way to answer."""
