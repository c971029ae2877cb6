"""What starts hosted executions by itself, or by hand: events of buses, schedules, pipes, objects of buckets."""
