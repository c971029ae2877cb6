"""Expressions of the person who debugs: what they see at a place of the timeline, and their two languages."""
