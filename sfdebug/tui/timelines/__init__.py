"""The timelines of a session: the list of them, and two of them compared."""
