"""The debug screen: its panes, how they are arranged, and what its widgets tell it."""
