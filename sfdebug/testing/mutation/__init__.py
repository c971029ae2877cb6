"""Mutants: definitions with one change each, run by the cases of their machine, to find what no test notices."""
