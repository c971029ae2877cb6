"""Lambda handlers that really run: each function in a worker process of its own, over Lambda's Runtime API."""
