"""Lessons: courses that are read and checked, what their steps ask, and whether it is done. No screen, no keys."""
