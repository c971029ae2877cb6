"""The terminal below the screen: keys in order, safe output, threads, the way out."""
