"""Who changed a value, and who reads it, as a list to walk."""
