"""The panes and bars of the debug screen."""
