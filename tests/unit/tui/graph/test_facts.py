"""What the graph says in words: about a state, a transition, and the branches of a Parallel or Map."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.definition import StatePath
from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.debugger.view.model import MarkStatus, StateMark
from sfdebug.debugger.wording.positions import Progress
from sfdebug.drawing import Layout, Zoom, build
from sfdebug.drawing.elements import EdgeKind
from sfdebug.tui.graph.facts import edge_facts, state_facts
from sfdebug.tui.graph.marks import Overlay, beside_text, imposed_text, inside_text, status_words, taken_line
from sfdebug.tui.graph.rows import _said, branches_in_view
from sfdebug.tui.painting.glyphs import ASCII, UNICODE
from sfdebug.tui.painting.paint import Piece, wrapped
from tests.debugger_runs import EACH, ORDER, PARALLEL, Handler, machine, passing

NOTHING = Overlay({}, frozenset(), {})


def text(line: list[Piece]) -> str:
    return "".join(text for text, _ in line)


def texts(lines: list[list[Piece]]) -> list[str]:
    return [text(line) for line in lines]


@pytest.fixture(scope="module")
def order() -> Layout:
    return build(definition_from(ORDER))


def test_a_choice_says_where_each_rule_leads(order: Layout) -> None:
    lines = texts(state_facts(order, ("Paid?",), NOTHING, UNICODE))
    assert lines[0] == " Paid?  Choice   · not visited"
    assert lines[1:] == ["   → Hold  if order.total > 100", "   → Charge  Default"]


def test_a_catcher_says_on_which_errors(order: Layout) -> None:
    lines = texts(state_facts(order, ("Charge",), NOTHING, UNICODE))
    assert lines[0].endswith("has Retry")
    assert "   → Sorry  on States.ALL" in lines


def test_what_the_run_did_is_told_in_words(order: Layout) -> None:
    index = order.edge_index(("Charge",), ("Sorry",), EdgeKind.CATCH)
    assert index is not None
    mark = StateMark(MarkStatus.CAUGHT, 3, breakpoint=BreakpointSign.PLAIN, injected=True)
    overlay = Overlay({("Charge",): mark}, frozenset({index}), {})
    lines = texts(state_facts(order, ("Charge",), overlay, UNICODE))
    assert "! caught, visited 3 times, breakpoint, made to fail" in lines[0]
    assert "   → Sorry ✓ taken  on States.ALL" in lines


def test_a_number_of_the_legend_stands_before_its_text() -> None:
    long = {"Variable": "$.a.rather.long.path.to.a.value", "StringEquals": "something quite long", "Next": "B"}
    definition = machine(A={"Type": "Choice", "Choices": [long], "Default": "C"}, B=passing(), C=passing())
    layout = build(definition_from(definition), max_width=40)
    lines = texts(state_facts(layout, ("A",), NOTHING, UNICODE))
    assert lines[1:] == ['   → B  [a] if a.rather.long.path.to.a.value = "something quite long"', "   → C  Default"]
    dots = build(definition_from(definition), max_width=40, zoom=Zoom.DOTS)
    assert texts(state_facts(dots, ("A",), NOTHING, UNICODE))[1].startswith("   → B  if a.rather"), "no letter"


def test_the_transitions_of_a_line(order: Layout) -> None:
    index = order.edge_index(("Paid?",), ("Charge",), EdgeKind.DEFAULT)
    assert index is not None
    assert texts(edge_facts(order, [index], NOTHING, ASCII)) == [" Paid? -> Charge  Default"]


def test_ends_are_told() -> None:
    layout = build(definition_from(PARALLEL))
    assert texts(state_facts(layout, ("After",), NOTHING, UNICODE))[1:] == ["   → the end of the run"]
    assert texts(state_facts(layout, ("Both", 0, "A2"), NOTHING, UNICODE))[1:] == ["   → the end of its branch"]
    assert texts(state_facts(layout, ("Both",), NOTHING, UNICODE))[0].startswith(" Both  Parallel of 4 states")


def test_what_is_not_drawn_has_no_facts_but_that(order: Layout) -> None:
    assert [text(line) for line in state_facts(order, ("nowhere",), NOTHING, UNICODE)] == [
        " nowhere  is not in this drawing"
    ]


def test_data_are_cleaned() -> None:
    name = "bad\x1b[31m\nname"
    layout = build(definition_from({"StartAt": name, "States": {name: passing()}}))
    assert "\x1b" not in text(state_facts(layout, (name,), NOTHING, UNICODE)[0])


# Branches


def at_the_first(definition: dict[str, Any], input: Any) -> Debugger:
    debugger = Debugger(definition, input, tasks=Handler())
    while not debugger.view().branch:
        debugger.step_into()
    return debugger


def test_a_map_says_which_iteration_is_in_view() -> None:
    debugger = at_the_first(EACH, {"items": [1, 2, 3]})
    assert branches_in_view(debugger.view()) == {("Each",): ("iteration 1 of 3 · 0 over", "iteration 1 of 3", "1 of 3")}
    debugger.step_out()
    assert branches_in_view(debugger.view())[("Each",)][0].endswith("1 over")
    debugger.run()
    assert branches_in_view(debugger.view()) == {}


def test_what_has_failed_is_told_first_when_room_is_short() -> None:
    assert _said("child 3 of 12", Progress(4, 12, 1)) == (
        "child 3 of 12 · 4 over, 1 failed",
        "child 3 of 12 · 1 failed",
        "child 3 of 12",
        "3 of 12",
    )
    assert _said("", Progress(4, 12, 1)) == ("4 of 12 over, 1 failed", "1 failed")


NESTED: dict[str, Any] = machine(
    Each={
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": {
            "StartAt": "Both",
            "States": {
                "Both": {
                    "Type": "Parallel",
                    "Branches": [
                        {"StartAt": "A", "States": {"A": passing()}},
                        {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 9, "End": True}}},
                    ],
                    "End": True,
                }
            },
        },
        "End": True,
    }
)


def test_containers_within_containers_are_told_apart() -> None:
    debugger = at_the_first(NESTED, {"items": [1, 2]})
    while len(debugger.view().branch) < 2:
        debugger.step_into()
    inner: StatePath = ("Each", 0, "Both")
    said = branches_in_view(debugger.view())
    assert said[("Each",)][0] == "iteration 1 of 2 · 0 over"
    assert said[inner][0] == "branch 1 of 2 · 0 over"


# Marks


def test_a_state_on_one_line_has_its_word_beside_it() -> None:
    assert beside_text(StateMark(MarkStatus.DONE, 1), UNICODE, is_inside=False) is None
    assert beside_text(StateMark(MarkStatus.DONE, 3), UNICODE, is_inside=False) == ("×3", "done")
    assert beside_text(StateMark(MarkStatus.CAUGHT, 2), ASCII, is_inside=False) == ("caught x2", "caught")
    assert beside_text(StateMark(forced=True), UNICODE, is_inside=False) == ("forced", "current")
    assert beside_text(StateMark(injected=True), UNICODE, is_inside=False) == ("injected", "failed")
    assert beside_text(StateMark(breakpoint=BreakpointSign.PLAIN), UNICODE, is_inside=False) == ("break", "breakpoint")
    here = StateMark(MarkStatus.CURRENT, 2, breakpoint=BreakpointSign.PLAIN, forced=True)
    assert beside_text(here, UNICODE, is_inside=False) == ("here ×2 break forced", "current")
    assert beside_text(StateMark(), UNICODE, is_inside=True) == ("inside", "current")


def test_a_full_box_has_words_for_what_the_user_put_on_it() -> None:
    both = StateMark(MarkStatus.DONE, 1, breakpoint=BreakpointSign.PLAIN, injected=True)
    assert imposed_text(both, 14) == ("break injected", "muted")
    assert imposed_text(both, 13) == ("break", "muted")
    assert imposed_text(both, 4) is None
    assert imposed_text(StateMark(forced=True), 20) is None
    assert imposed_text(StateMark(MarkStatus.DONE, 1), 20) is None


def test_a_folded_container_says_that_the_run_is_inside() -> None:
    assert inside_text(UNICODE, 8) == ("▸ inside", "current-mark")
    assert inside_text(ASCII, 1) == (">", "current-mark")


def test_marks_in_words() -> None:
    assert status_words(StateMark()) == ["not visited"]
    assert status_words(StateMark(forced=True, injected=True)) == ["not visited", "forced ahead", "to fail"]
    assert status_words(StateMark(MarkStatus.DONE, 2, forced=True)) == ["done", "visited 2 times", "choice forced"]


def test_a_taken_line_differs_in_form() -> None:
    for plain in "│─╭╮╰╯├┤┴┬╎╌":
        assert taken_line(plain, is_ascii=False) != plain
    for plain in "-|":
        assert taken_line(plain, is_ascii=True) != plain


# Wrapping


@pytest.mark.parametrize("width", [12, 20, 33, 80])
def test_nothing_is_lost_when_a_line_is_wrapped(width: int) -> None:
    pieces: list[Piece] = [(" Name", "strong"), ("  a condition of some length", ""), ("  writtenwithoutanyblanks", "")]
    lines = wrapped(pieces, width)
    assert all(len(text(line)) <= width for line in lines)
    assert "".join(map(text, lines)).replace(" ", "") == text(pieces).replace(" ", "")
