"""The values that an execution is made of: branches, visits, stages, events, decisions."""
