"""Sessions that stay, on the screen: the question whether to go on with one, and saving one under a name."""
