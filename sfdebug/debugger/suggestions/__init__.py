"""Suggested answers: results and items shaped so that the states after them can go on."""
