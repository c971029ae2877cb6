"""JSONPath as AWS reads it: jsonpath-ng's grammar, Jayway's rules."""
