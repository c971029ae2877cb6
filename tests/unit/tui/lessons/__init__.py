"""Lessons on the screen, as far as they need none."""
