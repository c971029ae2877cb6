"""From a layout to characters."""
