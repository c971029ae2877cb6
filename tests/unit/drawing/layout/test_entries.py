"""Ways into a box: Next and Catch from one state to the same target do not cross each other."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from sfdebug.drawing import EdgeKind, Layout, Zoom, build
from tests.graph_checks import faults
from tests.graph_machines import Asl, machine


def task(following: str, caught: str) -> Asl:
    return {"Type": "Task", "Next": following, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": caught}]}


def passing(following: str) -> Asl:
    return {"Type": "Pass", "Next": following}


END: Asl = {"Type": "Succeed"}
MACHINES: dict[str, Asl] = {
    "straight down": {"A": task("B", "B"), "B": END},
    "what climbs from below enters from the right": {"A": task("C", "C"), "C": END, "Loose": passing("C")},
    "what climbs enters from both sides": {
        "A": task("C", "C"),
        "C": END,
        "Loose": passing("C"),
        "Caught": task("C", "C"),
        "More": passing("C"),
    },
    "back to the start": {"A": passing("B"), "B": task("A", "A")},
    "to itself": {"A": task("A", "A")},
    "past others": {
        "A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "B"}], "Default": "D"},
        "B": task("E", "E"),
        "D": passing("F"),
        "F": passing("E"),
        "E": END,
    },
}


def crossings(layout: Layout) -> list[str]:
    """The sources and targets of Next and Catch that cross."""
    found = []
    for one, other in product(layout.edges, repeat=2):
        if (one.source, one.target) == (other.source, other.target) and other.kind is EdgeKind.CATCH is not one.kind:
            for (first, second), (begin, end) in product(pairwise(one.corners), pairwise(other.corners)):
                if _meet(first, second, begin, end) or _meet(begin, end, first, second):
                    found.append(f"{one.source} to {one.target}")
    return found


def _meet(left: tuple[int, int], right: tuple[int, int], top: tuple[int, int], bottom: tuple[int, int]) -> bool:
    """Whether a stretch across meets one up or down between its ends."""
    (x, y), (to_x, to_y), (column, row), (to_column, to_row) = left, right, top, bottom
    if y != to_y or column != to_column:
        return False
    return min(x, to_x) < column < max(x, to_x) and min(row, to_row) < y < max(row, to_row)


@pytest.mark.parametrize("zoom", [Zoom.FULL, Zoom.LINES])
@pytest.mark.parametrize("name", MACHINES)
def test_next_and_catch_to_one_state_do_not_cross(name: str, zoom: Zoom) -> None:
    layout = build(machine({"StartAt": "A", "States": MACHINES[name]}), zoom=zoom)
    assert crossings(layout) == []
    assert faults(layout) == []
