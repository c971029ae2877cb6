"""Lists of executions to open: of AWS, by state machine or Map Run, which is only read; and of a file."""
