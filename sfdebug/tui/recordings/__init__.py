"""What the screen has for a recorded execution: the summary, differences, durations, searching, live following."""
