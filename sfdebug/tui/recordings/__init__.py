"""What the screen has for recorded executions: the summary, differences, durations, searching, live following."""
