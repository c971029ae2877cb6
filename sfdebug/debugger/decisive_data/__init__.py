"""What made two executions part: the data that decided it, followed back to where they first differ."""
