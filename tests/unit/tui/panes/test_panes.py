"""What the panes say: stages, events, the slider, the status line, the graph's marks; without a screen."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.debugger import Debugger, MarkStatus, StateMark
from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName
from sfdebug.tui.graph.marks import current_frame, gutter_text, sign_of, status_text
from sfdebug.tui.painting.describe import (
    attempt_text,
    event_text,
    expression_text,
    outcome,
    rule_text,
    short,
    size_text,
    stage_title,
    template_text,
)
from sfdebug.tui.painting.glyphs import ASCII, UNICODE, Glyphs
from sfdebug.tui.panes.data import explanation
from sfdebug.tui.panes.stages import StageSelection, selection_here, selection_of_state, selection_of_visit, stage_mark
from sfdebug.tui.panes.status import where_pieces, why_pieces
from sfdebug.tui.panes.timeline import cell_of, slider_cells, slider_label
from sfdebug.values import Json, compact
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler, machine, over_to, passing, task


def lines_of(look: StageSelection) -> list[tuple[str, str, str]]:
    return [(stage_title(line), expression_text(line), outcome(line, look.before(line))) for line in look.lines]


def after(debugger: Debugger, steps: int) -> StageSelection:
    for _ in range(steps):
        debugger.step_into()
    return selection_here(debugger.view())


# Expressions


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("$.order", "$.order"),
        ({"amount.$": "$.total", "currency": "EUR"}, 'amount ← $.total, currency ← "EUR"'),
        ({"deep": {"a.$": "$.b"}}, 'deep ← {"a.$":"$.b"}'),
        (None, "null"),
        ([1, 2], "[1,2]"),
    ],
)
def test_templates(expression: Json, text: str) -> None:
    assert template_text(expression) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"Variable": "$.a", "NumericGreaterThan": 3, "Next": "X"}, "$.a NumericGreaterThan 3"),
        ({"Not": {"Variable": "$.a", "IsNull": True}, "Next": "X"}, "Not($.a IsNull true)"),
        (
            {"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.b", "StringEquals": "[x]"}], "Next": "X"},
            'And($.a IsNull true, $.b StringEquals "[x]")',
        ),
        ({"Or": "broken", "Next": "X"}, 'Or "broken"'),
    ],
)
def test_rules(rule: dict[str, Json], text: str) -> None:
    assert rule_text(rule) == text


@pytest.mark.parametrize(
    ("value", "text"), [({}, "{}"), ({"a": 1}, "{…} 1 key"), ([1, 2], "[…] 2 items"), ("x", '"x"'), (None, "null")]
)
def test_sizes(value: Json, text: str) -> None:
    assert size_text(value) == text


# Stages


def test_the_stages_of_a_task_say_what_changed() -> None:
    look = after(Debugger(ORDER, ORDER_INPUT, tasks=Handler()), 5)
    assert lines_of(look)[:4] == [
        ("Input", "", "{…} 2 keys"),
        ("InputPath", "$.order", "− customer"),
        ("Task", "work", "{…} 1 key"),
        ("ResultPath", "$.reserved", "+ reserved"),
    ]


def test_the_rules_of_a_choice_say_why() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Paid?")
    look = after(debugger, 3)
    assert ("Rule 1", "$.order.total NumericGreaterThan 100", "42.5 > 100 is false") in lines_of(look)
    rule = next(line for line in look.lines if line.name is StageName.RULE)
    assert stage_mark(rule, UNICODE) == ("∘", "muted")
    assert rule.stage is not None
    assert "42.5 > 100 is false" in explanation(rule.stage, UNICODE)[0][1][0]


def test_a_retried_failure_and_its_retry() -> None:
    failing = Handler({"Charge": lambda request: TaskFailure("Lambda.TooManyRequestsException", "slow down")})
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=failing)
    over_to(debugger, "Charge")
    while debugger.view().attempt == 1 or (not debugger.view().is_about_to_run and debugger.view().clock_ms == 0):
        debugger.step_into()
    look = selection_here(debugger.view())
    shown = lines_of(look)
    assert ("Task", "work", "Lambda.TooManyRequestsException") in shown
    assert ("Retry 1", "Lambda.TooManyRequestsException", "matches: retry 1 of 3, wait 2 s") in shown
    retry = next(line for line in look.lines if line.name is StageName.RETRY)
    assert stage_mark(retry, UNICODE) == ("↻", "waiting")
    assert look.note == "attempt 2 of 4"
    assert attempt_text(replace(debugger.view(), max_attempts=None)) == "attempt 2"


def test_stages_to_come_are_dots() -> None:
    look = selection_here(Debugger(ORDER, ORDER_INPUT).view())
    assert look.title == "Stages of Reserve · about to run"
    assert {stage_mark(line, UNICODE) for line in look.lines} == {("·", "unvisited")}


def test_a_state_that_was_not_visited_has_its_plan() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    look = selection_of_state(debugger.machine.state(("Paid?",)))
    assert [stage_title(line) for line in look.lines] == ["Input", "Rule 1", "Default", "Output"]
    assert look.title == 'Stages of "Paid?" · not visited'


def test_an_earlier_visit_is_told_by_its_number() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    visit = debugger.visits_of(("Charge",))[0]
    assert selection_of_visit(visit, 1, 1).title == "Stages of Charge · visited before, succeeded"
    assert selection_of_visit(visit, 2, 3).title == "Stages of Charge · visit 2 of 3, succeeded"


def test_an_iteration_is_told_in_the_heading() -> None:
    debugger = Debugger(EACH, {"items": [1, 2]}, tasks=Handler())
    while not debugger.view().branch:
        debugger.step_into()
    assert selection_here(debugger.view()).title.startswith("Stages of One · iteration 1 of 2")


# Events and the slider


def test_the_gist_of_events() -> None:
    failing = Handler({"Charge": lambda request: TaskFailure("Declined", "no money")})
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=failing)
    debugger.run()
    texts = {event.type: event_text(event) for event in debugger.execution.events}
    assert texts["ExecutionStarted"] == '{"order":{"total":42.5},"customer":"Ada"}'
    assert texts["LambdaFunctionFailed"] == "Declined: no money"
    assert texts["ExecutionFailed"] == "NoPayment: the card was refused"
    assert texts["LambdaFunctionStarted"] == ""


def text_of(debugger: Debugger, length: int, glyphs: Glyphs = UNICODE) -> str:
    return "".join(text for text, _ in slider_cells(debugger.view(), length, glyphs))


def test_the_slider_shows_the_cursor_and_the_future() -> None:
    debugger = Debugger(machine(A=passing("B"), B=passing("C"), C=passing()), {})
    debugger.run()
    assert text_of(debugger, 15) == "──●───●───●───◆"
    debugger.back_over()
    debugger.back_over()
    text = text_of(debugger, 15)
    assert text.index("◆") < 14
    assert text[text.index("◆") + 1 :].strip("╌●") == ""
    assert text_of(debugger, 15, ASCII).isascii()


def test_the_slider_shows_where_forks_part() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    over_to(debugger, "Paid?")
    debugger.run()
    debugger.goto_visit(2)
    debugger.force_choice(0)
    debugger.run()
    assert "┬" in text_of(debugger, 40)
    assert slider_label(debugger.view()).startswith("fork 1 · event ")
    assert slider_label(debugger.view()).endswith("main: t")
    debugger.leave_fork()
    assert "┬" in text_of(debugger, 40)


@pytest.mark.parametrize(("index", "total", "cell"), [(0, 1, 0), (0, 100, 0), (99, 100, 19), (50, 100, 9)])
def test_events_are_spread_over_the_cells(index: int, total: int, cell: int) -> None:
    assert cell_of(index, total, 20) == cell


def test_a_long_history_is_sampled() -> None:
    debugger = Debugger(EACH, {"items": list(range(300))}, tasks=Handler())
    debugger.run()
    assert len(text_of(debugger, 30)) == 30


# The status line


def joined(pieces: list[tuple[str, str]]) -> str:
    return "".join(text for text, _ in pieces)


def test_the_status_line_says_where_and_why() -> None:
    debugger = Debugger(EACH, {"items": [1, 2]}, tasks=Handler())
    while not debugger.view().branch:
        debugger.step_into()
    assert "Each, iteration 1 of 2" in joined(where_pieces(debugger.view(), "each.asl.json", UNICODE))
    assert "t+00:00:00" in joined(where_pieces(debugger.view(), "each.asl.json", UNICODE))


@pytest.mark.parametrize(
    ("answer", "text", "paint"),
    [
        (TaskResult({}), "✓ SUCCEEDED: the execution succeeded", "done"),
        (TaskFailure("Bad"), "✗ FAILED: the execution failed with Bad", "failed"),
    ],
)
def test_the_end_is_told_by_sign_word_and_colour(answer: Any, text: str, paint: str) -> None:
    debugger = Debugger(machine(Only=task()), {}, tasks=Handler({"Only": lambda request: answer}))
    debugger.run()
    assert why_pieces(debugger.view(), UNICODE) == (text, paint)


def test_a_question_is_told() -> None:
    debugger = Debugger(machine(Only=task()), {})
    debugger.step_over()
    assert why_pieces(debugger.view(), UNICODE) == (
        "? Only waits for an answer: give a result, or let it fail",
        "waiting",
    )


# Marks in the graph


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (StateMark(MarkStatus.CURRENT, 1), "▸ here"),
        (StateMark(MarkStatus.DONE, 1), "✓ done"),
        (StateMark(MarkStatus.DONE, 3), "✓ done×3"),
        (StateMark(MarkStatus.DONE, 12), "✓done×12"),
        (StateMark(MarkStatus.DONE, 4_000), "✓ ×4000"),
        (StateMark(MarkStatus.DONE, 9_000_000), "✓"),
        (StateMark(MarkStatus.FAILED, 1), "✗ failed"),
        (StateMark(MarkStatus.CAUGHT, 2), "!caught×2"[:8] if len("!caught×2") <= 8 else "! ×2"),
        (StateMark(MarkStatus.WAITING, 1), "? waits"),
        (StateMark(MarkStatus.UNVISITED, injected=True), "↯ fails"),
        (StateMark(MarkStatus.UNVISITED, forced=True), "» forced"),
    ],
)
def test_a_status_fits_its_cells(mark: StateMark, text: str) -> None:
    piece = status_text(mark, UNICODE, 8)
    assert piece is not None
    assert piece[0] == text
    assert len(piece[0]) <= 8


def test_a_state_that_was_not_visited_has_no_word() -> None:
    assert status_text(StateMark(), UNICODE, 8) is None


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_status_has_a_sign_of_its_own(glyphs: Glyphs) -> None:
    signs = [sign_of(StateMark(status), glyphs) for status in MarkStatus]
    assert len(set(signs)) == len(signs)


def test_the_gutter_shows_a_breakpoint_before_anything_else() -> None:
    assert gutter_text(StateMark(breakpoint=BreakpointSign.PLAIN, injected=True), UNICODE) == ("●", "breakpoint")
    assert gutter_text(StateMark(injected=True), UNICODE) == ("↯", "failed")
    assert gutter_text(StateMark(forced=True), UNICODE) == ("»", "current")
    assert gutter_text(StateMark(), UNICODE) is None


def test_the_frame_of_the_state_at_hand_is_double() -> None:
    assert current_frame("╭─┬─╮│╰╯", is_ascii=False) == "╔═╤═╗║╚╝"
    assert current_frame("+--+|", is_ascii=True) == "+==+#"


@pytest.mark.parametrize(
    "value", [{"a": [1, {"b": None}], "c": "[/x]"}, [], {}, "text", 1.5, True, None, [[], {}, [[]]], {"": {"": ""}}]
)
def test_a_small_value_is_shown_whole(value: Json) -> None:
    assert short(value) == compact(value)


def test_only_the_beginning_of_a_large_value_is_read() -> None:
    large: Json = {f"key {number}": [list(range(1000))] * 100 for number in range(100)}
    assert 300 < len(short(large)) < 1_000
    assert short(large).startswith('{"key 0":[[0,1,2,')
    assert len(short("x" * 1_000_000)) < 500
