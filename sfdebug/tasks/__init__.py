"""Task handlers: what answers a Task. `handler` holds the protocol, `running` the loop that asks one until a run is
over, every other module one way to answer."""
