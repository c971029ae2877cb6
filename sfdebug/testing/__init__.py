"""Tests of state machines: cases, what is expected of them, running many at once, and what they never noticed."""
