"""Others that do the same, measured beside sfdebug in one run; what is not installed is skipped with a word."""
