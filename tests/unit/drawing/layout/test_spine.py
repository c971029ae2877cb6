"""Long machines stand upright: the usual way is one straight line, and what is beside it leans on it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from sfdebug.drawing import Layout, Zoom, build
from sfdebug.drawing.painting.lines import trace
from sfdebug.drawing.painting.paint import paint
from sfdebug.text import cell_width
from tests.graph_checks import crossings, declared, faults
from tests.graph_machines import Asl, machine
from tests.graph_tracer import misread

Part = Callable[[int], Asl]


def task(following: str, *handlers: str) -> Asl:
    return {
        "Type": "Task",
        "Next": following,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": to} for to in handlers],
    }


def choice(default: str, *targets: str) -> Asl:
    rules = [{"Variable": "$.n", "NumericEquals": number, "Next": to} for number, to in enumerate(targets)]
    return {"Type": "Choice", "Choices": rules, "Default": default}


def diamond(n: int) -> Asl:
    """Two ways that come together."""
    return {
        f"S{n}": choice(f"B{n}", f"A{n}"),
        f"A{n}": task(f"M{n}"),
        f"B{n}": task(f"M{n}"),
        f"M{n}": task(f"S{n + 1}"),
    }


def trident(n: int) -> Asl:
    """Three ways that come together."""
    ways = {f"{way}{n}": task(f"M{n}") for way in "ABC"}
    return {f"S{n}": choice(f"C{n}", f"A{n}", f"B{n}"), **ways, f"M{n}": task(f"S{n + 1}")}


def uneven(n: int) -> Asl:
    """A long way and a short one."""
    return {**diamond(n), f"A{n}": task(f"AA{n}"), f"AA{n}": task(f"M{n}")}


def skip(n: int) -> Asl:
    """A state that may be left out."""
    return {f"S{n}": choice(f"M{n}", f"A{n}"), f"A{n}": task(f"M{n}"), f"M{n}": task(f"S{n + 1}")}


def caught(n: int) -> Asl:
    """An error that is put right."""
    return {f"S{n}": task(f"M{n}", f"F{n}"), f"F{n}": task(f"M{n}"), f"M{n}": task(f"S{n + 1}")}


def poll(n: int) -> Asl:
    """Wait, look, and go on, again, or fail."""
    return {
        f"S{n}": task(f"W{n}"),
        f"W{n}": {"Type": "Wait", "Next": f"L{n}"},
        f"L{n}": task(f"C{n}"),
        f"C{n}": choice(f"W{n}", f"S{n + 1}", f"F{n}"),
        f"F{n}": {"Type": "Fail"},
    }


PARTS = [diamond, trident, uneven, skip, caught, poll]


def many(part: Part, count: int) -> Asl:
    states: Asl = {}
    for n in range(count):
        states |= part(n)
    return {"StartAt": "S0", "States": {**states, f"S{count}": {"Type": "Succeed"}}}


def entry(layout: Layout, name: str) -> int:
    """The column at which lines enter a state."""
    return next(edge.cells[-1][0] for edge in layout.edges if edge.target == (name,))


@pytest.mark.parametrize("zoom", list(Zoom))
@pytest.mark.parametrize("part", PARTS)
def test_a_long_machine_is_hardly_wider_than_a_short_one(part: Part, zoom: Zoom) -> None:
    few, lots = (build(machine(many(part, count)), zoom=zoom) for count in (4, 60))
    # The numbers in the names of the long one have a digit more; two columns for each of the boxes side by side.
    assert lots.width <= few.width + 6
    assert faults(lots) == []


@pytest.mark.parametrize("part", [skip, caught, poll])
def test_the_usual_way_is_one_straight_line(part: Part) -> None:
    layout = build(machine(many(part, 20)))
    assert len({entry(layout, f"S{n}") for n in range(20)}) == 1


@pytest.mark.parametrize("part", [diamond, trident, uneven])
def test_ways_come_together_below_where_they_parted(part: Part) -> None:
    layout = build(machine(many(part, 20)))
    assert {abs(entry(layout, f"S{n}") - entry(layout, f"M{n}")) for n in range(20)} <= {0, 1}


def test_a_line_passes_below_a_turn_without_crossing() -> None:
    """What goes on below the state that a loop goes through runs under its turn."""
    definition = machine(
        {
            "StartAt": "Set",
            "States": {
                "Set": task("Lock"),
                "Lock": task("Work", "Look"),
                "Work": task("Save", "Failed"),
                "Save": task("Done"),
                "Failed": task("Failure"),
                "Failure": {"Type": "Fail"},
                "Look": task("How?"),
                "How?": choice("Odd", "Read", "Lock", "Wait"),
                "Read": task("Done"),
                "Wait": {"Type": "Wait", "Next": "Look"},
                "Odd": {"Type": "Fail"},
                "Done": {"Type": "Succeed"},
            },
        }
    )
    layout = build(definition)
    assert crossings(layout) == 0
    assert misread(paint(layout), declared(definition, layout)) == []


def test_a_state_stands_lower_where_a_line_to_it_then_passes_below_a_turn() -> None:
    """It would have room beside the loop, but the line to it would have to cross the lane."""
    definition = machine(
        {
            "StartAt": "Lock",
            "States": {
                "Lock": task("Done", "Look"),
                "Look": task("How?"),
                "How?": choice("Odd", "Done", "Wait", "Lock"),
                "Wait": {"Type": "Wait", "Next": "Look"},
                "Odd": {"Type": "Fail"},
                "Done": {"Type": "Succeed"},
            },
        }
    )
    layout = build(definition)
    assert crossings(layout) == 0
    assert layout.rows(("Done",)).start > layout.rows(("Wait",)).stop
    assert misread(paint(layout), declared(definition, layout)) == []


def test_a_loop_beside_other_exits_does_not_cross_them() -> None:
    """The state that only the loop goes through stands outermost, with the lane on its outer side."""
    loop: Asl = {
        "StartAt": "Look",
        "States": {
            "Look": task("Done?"),
            "Done?": choice("Use", "Wait", "Give up"),
            "Wait": {"Type": "Wait", "Next": "Look"},
            "Give up": {"Type": "Fail"},
            "Use": task("More"),
            "More": task("End"),
            "End": {"Type": "Succeed"},
        },
    }
    definition = machine(loop)
    layout = build(definition)
    assert crossings(layout) == 0
    assert entry(layout, "Look") == entry(layout, "Use") == entry(layout, "End")
    assert misread(paint(layout), declared(definition, layout)) == []


def test_the_dots_of_a_chain_stand_below_one_another_with_the_names_behind() -> None:
    names = ["A", "A longer name", "The longest of all names"]
    states = {name: task(after) for name, after in zip(names, [*names[1:], "End"], strict=True)}
    layout = build(machine({"StartAt": "A", "States": {**states, "End": {"Type": "Succeed"}}}), zoom=Zoom.DOTS)
    assert len({box.status_at[0] for box in layout.boxes}) == 1
    assert all(box.gutter == (box.status_at[0] - 1, box.y) for box in layout.boxes)


def test_what_is_wider_than_its_name_shows_how_wide_at_the_size_of_dots() -> None:
    targets = [f"Way {n}" for n in range(5)]
    ways: Asl = {name: {"Type": "Succeed"} for name in targets}
    layout = build(machine({"StartAt": "?", "States": {"?": choice(*targets), **ways}}), zoom=Zoom.DOTS)
    box = layout.box(("?",))
    assert box is not None
    canvas = paint(layout)
    line = "".join(canvas.cell(x, box.y).text for x in range(box.x, box.right + 1))
    assert line == " ────○ ? ─ "
    below = "".join(canvas.cell(x, box.y + 1).text for x in range(box.x, box.right + 1))
    assert [x for x, char in enumerate(below) if char in "╯│╰"] == [1, 3, 5, 7, 9]


def test_the_cells_of_a_wide_choice_share_their_lines() -> None:
    """The lines that come together run over one another in one row: joined cell by cell they would take seconds."""
    targets = [f"Way {n}" for n in range(200)]
    wide: Asl = {"StartAt": "?", "States": {"?": choice(*targets), "End": {"Type": "Succeed"}}}
    wide["States"] |= {name: task("End") for name in targets}
    layout = build(machine(wide), max_width=6_000)
    rows = trace(layout)
    cells = sum(map(len, rows))
    assert cells > 7 * len({id(line) for row in rows for line in row.values()})


def test_a_label_stands_right_below_its_exit() -> None:
    """Between a Choice and a label a step of one or two columns would only be noise."""
    reviewed = choice("Notify the others", "Notify the owner")
    ends: Asl = {name: {"Type": "Succeed"} for name in ("Notify the others", "Notify the owner")}
    for name in ("?", "Reviewed?", "Process high confidence"):
        layout = build(machine({"StartAt": name, "States": {name: reviewed, **ends}}))
        for edge in layout.edges_from((name,)):
            steps = [abs(x - to_x) for (x, _), (to_x, _) in pairwise(layout.edges[edge].corners)]
            assert not {1, 2}.intersection(steps)


def test_names_that_begin_alike_are_cut_where_they_can_be_told_apart() -> None:
    names = [f"Process the order of a customer in {region}" for region in ("Europe", "Asia", "Africa", "写真の国")]
    states: Asl = {name: {"Type": "Succeed"} for name in names}
    definition = machine({"StartAt": "?", "States": {"?": choice(*names), **states}})
    for width in (9, 13, 20):
        boxes = [box for box in build(definition, max_name=width, zoom=Zoom.DOTS).boxes if box.path != ("?",)]
        assert len({box.name for box in boxes}) == len(names)
        assert all(cell_width(box.name) <= width and box.name.startswith("P") for box in boxes)
