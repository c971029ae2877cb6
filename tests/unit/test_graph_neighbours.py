"""Walking over a drawing in each direction."""

from __future__ import annotations

import pytest

from sfdebug.asl.definition import StatePath
from sfdebug.graph import Direction, build, neighbours
from sfdebug.graph.neighbours import first_state, last_state
from tests.graph_machines import Asl, machine

PASS: Asl = {"Type": "Pass", "End": True}
ORDER: Asl = {
    "StartAt": "Read",
    "States": {
        "Read": {"Type": "Task", "Next": "Large?", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]},
        "Large?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 9, "Next": "Fan out"}],
            "Default": "Wait",
        },
        "Wait": {"Type": "Wait", "Next": "Read"},
        "Fan out": {
            "Type": "Parallel",
            "End": True,
            "Branches": [
                {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": PASS}},
                {"StartAt": "C", "States": {"C": PASS}},
            ],
        },
        "Failed": {"Type": "Fail"},
    },
}


@pytest.mark.parametrize(
    ("path", "direction", "there"),
    [
        (("Read",), "successor", ("Large?",)),
        (("Large?",), "successor", ("Fan out",)),
        (("Wait",), "successor", ("Read",)),
        (("Failed",), "successor", None),
        (("Large?",), "predecessor", ("Read",)),
        (("Failed",), "predecessor", ("Read",)),
        (("Fan out",), "into", ("Fan out", 0, "A")),
        (("Read",), "into", None),
        (("Fan out", 1, "C"), "out", ("Fan out",)),
        (("Fan out",), "out", None),
        (("Fan out", 0, "A"), "right", ("Fan out", 1, "C")),
        (("Fan out", 1, "C"), "left", ("Fan out", 0, "A")),
        (("Fan out", 1, "C"), "right", None),
        (("Large?",), "right", ("Failed",)),
        (("Nobody",), "left", None),
    ],
)
def test_from_state_to_state(path: StatePath, direction: str, there: StatePath | None) -> None:
    assert neighbours(build(machine(ORDER)), path, direction) == there


def test_a_collapsed_container_is_not_entered() -> None:
    layout = build(machine(ORDER), collapsed=frozenset([("Fan out",)]))
    assert neighbours(layout, ("Fan out",), Direction.INTO) is None


def test_the_ends_of_the_drawing() -> None:
    layout = build(machine(ORDER))
    assert first_state(layout) == ("Read",)
    assert last_state(layout) == ("Fan out",)
