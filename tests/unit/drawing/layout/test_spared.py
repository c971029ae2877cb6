"""One row that is too wide for its names does not have those of another row cut that has room for them."""

from __future__ import annotations

from sfdebug.drawing import build
from sfdebug.drawing.painting.paint import paint
from tests.graph_checks import declared, faults
from tests.graph_machines import Asl, machine
from tests.graph_tracer import misread


def choice(targets: list[str]) -> Asl:
    rules = [{"Variable": "$.x", "StringEquals": f"{at}", "Next": target} for at, target in enumerate(targets)]
    return {"Type": "Choice", "Choices": rules}


def test_names_are_whole_in_rows_that_have_room_for_them() -> None:
    wide, fitting = [f"{'w' * 20} {at}" for at in range(5)], [f"{'n' * 24} {at}" for at in range(3)]
    states = {
        "First": choice(wide),
        **{name: {"Type": "Task", "Next": "Second"} for name in wide},
        "Second": choice(fitting),
        **{name: {"Type": "Succeed"} for name in fitting},
    }
    definition = machine({"StartAt": "First", "States": states})
    layout = build(definition)
    assert layout.width <= 118
    assert faults(layout) == []
    assert misread(paint(layout), declared(definition, layout)) == []
    assert {box.name for box in layout.boxes} >= set(fitting)
