"""From files and AWS's answers to recordings."""
