"""Crossings, counted the same way in our drawings and in those that Graphviz's dot makes of the same scopes.

A crossing is a pair of edges without a common end whose lines meet. dot comes with pygraphviz, a package for
development only; its figures for the larger machines are kept in `graph_dot.json`, because it takes minutes.
`python -m tests.graph_dot` measures anew and writes that file.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Any, Final

from sfdebug.asl.definition import Scope, StateMachine
from sfdebug.drawing.elements import Edge, EdgeKind, Layout, Stroke
from tests.graph_machines import generated, machine

FIGURES: Final = Path(__file__).with_suffix(".json")
SEEDS: Final = {50: range(10), 200: range(10), 500: range(3)}
"""The machines of each size; dot takes minutes for each of 500."""

_SAMPLES: Final = 12
"""Points of each Bezier curve that dot draws."""

Line = list[tuple[float, float]]
Ends = tuple[object, object]


def flat(seed: int, states: int) -> StateMachine:
    """A machine without containers, so that both draw the same graph; all its states are reached from the start."""
    return machine(generated(seed, states, 0.1, containers=False, all_reached=True))


def our_crossings(layout: Layout) -> int:
    """The pairs of lines of `layout` that cross and have no end in common.

    Transitions that share their whole line are one, as they are for dot; and so is all that runs in a rail, there.
    """
    upright: dict[int, list[tuple[int, int, Stroke]]] = {}
    level: list[tuple[int, int, int, Stroke]] = []
    for stroke in layout.strokes:
        for (x, y), (to_x, to_y) in pairwise(stroke.corners):
            if x == to_x:
                upright.setdefault(x, []).append((min(y, to_y), max(y, to_y), stroke))
            else:
                level.append((y, min(x, to_x), max(x, to_x), stroke))
    columns = sorted(upright)
    pairs: set[frozenset[tuple[object, ...]]] = set()
    for y, first, last, stroke in level:
        for x in columns[bisect_left(columns, first + 1) :]:
            if x >= last:
                break
            for top, bottom, other in upright[x]:
                if top < y < bottom:
                    pairs.update(_crossing(layout, stroke, other))
    return len(pairs)


def _crossing(layout: Layout, one: Stroke, other: Stroke) -> Iterator[frozenset[tuple[object, ...]]]:
    """The lines of two strokes that cross, in pairs."""
    for edge, crossed in product(*([layout.edges[index] for index in stroke.edges] for stroke in (one, other))):
        if not {edge.source, edge.target} & {crossed.source, crossed.target}:
            yield frozenset((_line(layout, one, edge), _line(layout, other, crossed)))


def _line(layout: Layout, stroke: Stroke, edge: Edge) -> tuple[object, ...]:
    is_rail = len({layout.edges[index].target for index in stroke.edges}) > 1
    return (edge.source, "rail") if is_rail else (edge.source, edge.target, edge.kind is EdgeKind.CATCH)


def dot_crossings(scope: Scope) -> int:
    """The pairs of edges that cross and have no end in common, where dot draws `scope`."""
    import pygraphviz

    graph = pygraphviz.AGraph(directed=True, strict=False)
    graph.graph_attr.update(rankdir="TB")
    graph.node_attr.update(shape="box")
    links = _links(scope)
    for name in ("", *scope.states):
        graph.add_node(f"s{name}")
    for number, (source, target, _) in enumerate(links):
        graph.add_edge(f"s{source}", f"s{target}", key=str(number))
    drawing: dict[str, Any] = json.loads(graph.draw(prog="dot", format="json"))
    names = [each["name"] for each in drawing["objects"]]
    lines = [((names[edge["tail"]], names[edge["head"]]), _curve(edge)) for edge in drawing["edges"]]
    return _count(lines)


def _links(scope: Scope) -> list[tuple[str, str, bool]]:
    links: dict[tuple[str, str, bool], None] = {("", scope.start_at, False): None}
    for name, state in scope.states.items():
        plain = [state.next, *(rule.next for rule in state.choices), state.default]
        links.update(((name, target, False), None) for target in plain if target is not None)
        links.update(((name, catcher.next, True), None) for catcher in state.catchers)
    return list(links)


def _curve(edge: dict[str, Any]) -> Line:
    """The points of an edge: dot's curves, in the order in which it draws them, cut into straight pieces."""
    points: Line = []
    for operation in edge["_draw_"]:
        if operation["op"] != "b":
            continue
        control = [(float(x), float(y)) for x, y in operation["points"]]
        for at in range(0, len(control) - 3, 3):
            points.extend(_bezier(control[at : at + 4], step / _SAMPLES) for step in range(_SAMPLES + 1))
    return points


def _bezier(control: Line, t: float) -> tuple[float, float]:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(weight * x for weight, (x, _) in zip(weights, control, strict=True)),
        sum(weight * y for weight, (_, y) in zip(weights, control, strict=True)),
    )


def _count(lines: list[tuple[Ends, Line]]) -> int:
    """The pairs of `lines` that cross; found by a sweep over the rows that their pieces take."""
    pieces = []
    for index, (_, points) in enumerate(lines):
        for (ax, ay), (bx, by) in pairwise(points):
            if (ax, ay) != (bx, by):
                pieces.append((min(ay, by), max(ay, by), ax, ay, bx, by, index))
    pieces.sort()
    open_pieces: list[tuple[float, float, float, float, float, float, int]] = []
    pairs: set[tuple[int, int]] = set()
    for piece in pieces:
        open_pieces = [other for other in open_pieces if other[1] >= piece[0]]
        for other in open_pieces:
            one, two = piece[6], other[6]
            if (
                one != two
                and (one, two) not in pairs
                and not set(lines[one][0]) & set(lines[two][0])
                and _meet(piece[2:6], other[2:6])
            ):
                pairs.update(((one, two), (two, one)))
        open_pieces.append(piece)
    return len(pairs) // 2


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    ax, ay, bx, by = one
    cx, cy, dx, dy = other
    if max(ax, bx) < min(cx, dx) or max(cx, dx) < min(ax, bx):
        return False
    return _side(one, cx, cy) * _side(one, dx, dy) < 0 and _side(other, ax, ay) * _side(other, bx, by) < 0


def _side(line: tuple[float, ...], x: float, y: float) -> float:
    ax, ay, bx, by = line
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


def figures() -> dict[str, list[int]]:
    """What dot's crossings are, by size: one number for each seed."""
    return {str(size): [dot_crossings(flat(seed, size).scope) for seed in seeds] for size, seeds in SEEDS.items()}


if __name__ == "__main__":
    FIGURES.write_text(json.dumps(figures()) + "\n")
