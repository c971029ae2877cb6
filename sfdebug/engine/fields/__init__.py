"""The data flow of a state, one module for each query language."""
