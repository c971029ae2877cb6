"""The JSON pane and editor."""
