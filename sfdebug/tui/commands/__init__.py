"""What the keys do: the methods that the rows of `tui/keys.py` name, and what they need of a screen."""
