"""What stands beside lines: the letters of the legend in reading order, one for each text; conditions among dots."""

from __future__ import annotations

from sfdebug.asl.load import definition_from
from sfdebug.drawing import Layout, Zoom, build
from sfdebug.drawing.painting.paint import paint
from tests.debugger_runs import ORDER
from tests.graph_checks import faults
from tests.graph_machines import Asl, generated, machine

LONG = "a very long text that no label has room for, whatever happens, even where it stands alone"


def _choice(*targets: str, again: str = "") -> Asl:
    rules = [{"Variable": f"$.{name}", "StringEquals": f"{LONG} {again or name}", "Next": name} for name in targets]
    return {"Type": "Choice", "Choices": rules}


def _letters(layout: Layout) -> list[str]:
    """The letters in the drawing, as one reads them."""
    numbered = sorted((label for label in layout.labels if label.number), key=lambda label: (label.y, label.x))
    return [label.text.rpartition(" ")[2] for label in numbered]


def test_letters_are_in_reading_order() -> None:
    end: Asl = {"Type": "Succeed"}
    inner = {"StartAt": "In", "States": {"In": _choice("P", "Q"), "P": end, "Q": end}}
    states: Asl = {
        "First": _choice("Each", "Other"),
        "Each": {"Type": "Map", "ItemProcessor": inner, "Next": "Last"},
        "Other": {"Type": "Pass", "Next": "Last"},
        "Last": _choice("Y", "Z"),
        "Y": end,
        "Z": end,
    }
    layout = build(machine({"StartAt": "First", "States": states}))
    assert _letters(layout) == ["[a]", "[b]", "[c]", "[d]", "[e]", "[f]"]
    assert [entry.sign for entry in layout.legend] == _letters(layout)
    shown = {label.number: label.edges for label in layout.labels if label.number}
    assert {entry.number: entry.edges for entry in layout.legend} == shown


def test_one_text_has_one_letter() -> None:
    states: Asl = {
        "A": {"Type": "Task", "Resource": "arn:x", "Next": "B"},
        "B": {"Type": "Task", "Resource": "arn:x", "End": True},
        "Mend": {"Type": "Fail"},
    }
    errors = [f"Some.VeryLongNameOfAnError{number}ThatNobodyCanRead" for number in range(4)]
    for name in "AB":
        states[name]["Catch"] = [{"ErrorEquals": errors, "Next": "Mend"}]
    layout = build(machine({"StartAt": "A", "States": states}), max_width=60)
    assert _letters(layout) == ["[a]", "[a]"]
    [entry] = layout.legend
    assert [layout.edges[index].source for index in entry.edges] == [("A",), ("B",)]


def test_conditions_stay_among_dots_where_they_have_room() -> None:
    layout = build(definition_from(ORDER), zoom=Zoom.DOTS)
    assert faults(layout) == []
    assert {label.text for label in layout.labels} == {"Default", "!States.ALL"}
    assert [entry.text for entry in layout.legend] == ["order.total > 100"], "another line is in the way"
    rows = paint(layout).lines()
    for label in layout.labels:
        assert rows[label.y][label.x - 2] in "│▼╎▽▲△╯╮", "it stands beside its line"


def test_what_has_no_room_among_dots_is_in_the_legend() -> None:
    for seed in range(6):
        layout = build(machine(generated(seed, 40)), zoom=Zoom.DOTS)
        assert faults(layout) == []
        said = [index for label in layout.labels for index in label.edges]
        left = [index for entry in layout.legend for index in entry.edges]
        assert not set(said) & set(left)
        assert {index for index, edge in enumerate(layout.edges) if any(edge.labels)} <= {*said, *left}
        dots = {box.y for box in layout.boxes if box.height == 1}
        assert not dots & {label.y for label in layout.labels}, "the words for statuses stand there"
