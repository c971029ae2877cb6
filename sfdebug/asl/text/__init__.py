"""Text to values with positions: bytes, JSON, YAML, and the problems that reading them meets."""
