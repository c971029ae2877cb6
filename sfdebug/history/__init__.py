"""Recorded executions: read AWS's history, follow it into visits, run it again under a definition, compare."""
