"""The state graph as a report: text, SVG, Mermaid, Graphviz, JSON, with the trail of an execution laid over it.

`Picture` is what all of them write; `trail.follow` makes the trail from a recorded history.
"""
