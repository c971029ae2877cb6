"""The timeline: its nodes and forks, the cursor on it, and what is indexed along it."""
