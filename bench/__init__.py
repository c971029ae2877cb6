"""Measurements (`make bench`) and pictures (`make snap`) of the running program."""
