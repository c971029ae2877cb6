"""Breakpoints: what they are, how they are written, where one stops.

`breakpoint_texts` reads and writes the one text form of a `Breakpoint`; `triggers` finds where on the timeline one
could stop, `hits` where it does, once condition and count are asked; `breakpoints` is the list of a session, `lookout`
what a verb that walks asks of it.
"""
