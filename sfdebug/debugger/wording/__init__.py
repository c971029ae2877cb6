"""Plain sentences about stages, values and positions, the same on every face."""
