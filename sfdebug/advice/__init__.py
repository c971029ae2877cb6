"""Advice: what works and will break, cost or hide something later on, as rules that can be asked why."""
