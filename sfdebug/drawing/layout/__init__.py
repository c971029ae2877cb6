"""From a definition to boxes and lines in integer cells."""
