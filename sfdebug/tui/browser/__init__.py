"""Browsing what ran in AWS: state machines, their executions, the children of a Map Run. All of it only reads."""
