"""The home screen: all that can be opened, in one list."""
