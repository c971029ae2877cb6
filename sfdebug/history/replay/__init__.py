"""A recorded execution run again under a definition, event by event."""
