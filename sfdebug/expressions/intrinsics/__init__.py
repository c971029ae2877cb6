"""Intrinsic functions: their syntax, and what they compute."""
