"""Recorded executions in the debugger: their timeline, their summary, and how forks of them are answered."""
