"""The graph's pane."""
