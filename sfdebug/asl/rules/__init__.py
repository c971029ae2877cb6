"""What holds between the fields of a definition: transitions, variables, expressions, integrations, likely mistakes."""
