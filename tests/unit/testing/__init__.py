"""Test cases of state machines."""
