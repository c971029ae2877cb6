"""Choices of many targets, and what nothing leads to: in drawings that are no wider than a screen."""

from __future__ import annotations

from textwrap import dedent

import pytest

from sfdebug.drawing import Zoom, build
from sfdebug.drawing.painting.paint import paint
from tests.graph_checks import crossings, declared, faults
from tests.graph_machines import Asl, machine
from tests.graph_tracer import misread

WAYS = ("Ship", "Bill", "Mail", "Hold", "Drop", "Nope")


def routing(names: tuple[str, ...], *, after: str = "Done") -> Asl:
    rules = [{"Variable": "$.k", "StringEquals": name[:1], "Next": name} for name in names[:-1]]
    states: Asl = {"Route": {"Type": "Choice", "Choices": rules, "Default": names[-1]}}
    states |= {name: {"Type": "Pass", "Next": after} for name in names}
    return {"StartAt": "Route", "States": {**states, "Done": {"Type": "Succeed"}}}


def test_six_targets_stand_on_two_shelves_that_one_rail_leads_to() -> None:
    assert paint(build(machine(routing(WAYS)))).text() == dedent("""\
                                                ●
                                                ▼
                                       ╭─Choice──────────╮
                                       │ Route           │
                                       ╰────────┬────────╯
                 ╭─────────────────────┬────────┴────────────┬───────────╮
                 ▼ k = "S"             ▼ k = "B"             ▼ k = "M"   │
        ╭─Pass────────────╮   ╭─Pass────────────╮   ╭─Pass────────────╮  │
        │ Ship            │   │ Bill            │   │ Mail            │  │
        ╰───────┬─────────╯   ╰────────┬────────╯   ╰────────┬────────╯  │
                ├──────────────────────┴─────────────────────╯           │
                │           ╭─────────────────────┬─────────────────────┬╯
                │           ▼ k = "H"             ▼ k = "D"             ▼ Default
                │  ╭─Pass────────────╮   ╭─Pass────────────╮   ╭─Pass────────────╮
                │  │ Hold            │   │ Drop            │   │ Nope            │
                │  ╰────────┬────────╯   ╰──────┬──────────╯   ╰────────┬────────╯
                ╰───────────┴───────────────────┼───────────────────────╯
                                                ▼
                                       ╭─Succeed─────────╮
                                       │ Done            │
                                       ╰───────────────✓─╯
    """)


@pytest.mark.parametrize("zoom", list(Zoom))
@pytest.mark.parametrize("count", [7, 14, 41])
def test_a_choice_is_no_wider_than_a_screen_however_many_its_targets(count: int, zoom: Zoom) -> None:
    definition = machine(routing(tuple(f"Handle kind {number}" for number in range(count))))
    layout = build(definition, zoom=zoom)
    assert layout.width <= 118
    assert faults(layout) == []
    assert crossings(layout) == 0
    assert [box.name for box in layout.boxes if "…" in box.name] == []
    for ascii in (False, True):
        assert misread(paint(layout, ascii=ascii), declared(definition, layout)) == []


def test_narrow_panes_have_more_shelves() -> None:
    definition = machine(routing(WAYS))
    rows = [len({box.y for box in build(definition, max_width=width).boxes if box.name in WAYS}) for width in (118, 60)]
    assert rows == [2, 3]


def test_targets_that_hang_on_one_another_are_drawn() -> None:
    """Shelves that would have to stand above one another in a circle are given up."""
    chained = routing(WAYS)
    for name, following in zip(WAYS, (*WAYS[1:], "Done"), strict=True):
        chained["States"][name]["Next"] = following
    chained["States"]["Bill"] = {"Type": "Choice", "Choices": [{"Next": name} for name in WAYS[2:]], "Default": "Ship"}
    definition = machine(chained)
    layout = build(definition)
    assert faults(layout) == []
    assert misread(paint(layout), declared(definition, layout)) == []


def test_what_nothing_leads_to_stands_below_a_thin_rule() -> None:
    states: Asl = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Succeed"},
        "Lost": {"Type": "Pass", "Next": "B"},
        "Alone": {"Type": "Pass", "Next": "Alone"},
    }
    definition = machine({"StartAt": "A", "States": states})
    layout = build(definition)
    assert faults(layout) == []
    [rule] = [divider for divider in layout.dividers if divider.is_above_unreachable]
    assert {box.name for box in layout.boxes if box.y > rule.y} == {"Lost", "Alone"}
    for ascii in (False, True):
        assert misread(paint(layout, ascii=ascii), declared(definition, layout)) == []
    assert paint(layout).text() == dedent("""\
                           ●
                           ▼
                  ╭─Pass────────────╮
                  │ A               │
                  ╰────────┬────────╯
                           ├───────────╮
                           ▼           │
                  ╭─Succeed─────────╮  │
                  │ B               │  ▲
                  ╰───────────────✓─╯  │
        ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈│┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈
                                       │                     ╭────────────────╮
                                       ▲                     ▼                ▲
        ╭─Pass─unreachable──────────╮  │       ╭─Pass─unreachable──────────╮  │
        │ Lost                      │  │       │ Alone                     │  │
        ╰─────────────────────────┬─╯  │       ╰─────────────────────────┬─╯  │
                                  ╰────╯                                 ╰────╯
    """)
