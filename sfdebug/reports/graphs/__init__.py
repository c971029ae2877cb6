"""The state graph as a report: text, SVG, Mermaid, Graphviz, JSON, with the overlay of an execution laid over it.

`GraphExport` is what all of them write; `overlay.follow` makes the overlay from a recorded history.
"""
