"""Variables, JSONata and Map Runs in the panes: short texts, modes, and what each part of an expression came to."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.view.model import PENDING, StageLine, Variable
from sfdebug.engine.execution.visit import Stage, StageName, StageStatus
from sfdebug.expressions.choice import Verdict
from sfdebug.tui.json.lines import jsonata_pieces
from sfdebug.tui.json.modes import Mode, header_pieces, variable_path, variables_value
from sfdebug.tui.painting.describe import expression_text, outcome, rule_text
from sfdebug.tui.painting.glyphs import UNICODE
from sfdebug.tui.panes.data import explanation, part_values, variable_pieces
from sfdebug.tui.panes.stages import selection_here
from sfdebug.tui.panes.timeline import slider_cells, slider_label, timeline_title
from sfdebug.values import MISSING, Json
from tests.map_run_machines import INPUT, ORDERS, Workers


def line(name: StageName, expression: Json, after: Any = MISSING, before: Any = MISSING, **fields: Any) -> StageLine:
    stage = Stage(name, before, after, expression, **fields)
    return StageLine(name, expression, stage.status, stage, stage.index)


def text(pieces: Any) -> str:
    return "".join(piece[0] for piece in pieces)


# short texts


@pytest.mark.parametrize(
    ("name", "expression", "shown"),
    [
        (StageName.OUTPUT, "{% $states.result %}", "$states.result"),
        (StageName.OUTPUT, "{% no end", "{% no end"),
        (StageName.ARGUMENTS, {"a": "{% $x + 1 %}", "b": "text"}, 'a ← $x + 1, b ← "text"'),
        (
            StageName.ITEM_READER,
            {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "MaxItems": 10},
                "Parameters": {"Bucket": "b"},
            },
            "s3:getObject CSV, MaxItems ← 10",
        ),
        (
            StageName.RESULT_WRITER,
            {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}},
            'JSON, Transformation ← "FLATTEN"',
        ),
    ],
)
def test_expressions_on_one_line(name: StageName, expression: Json, shown: str) -> None:
    assert expression_text(StageLine(name, expression, PENDING)) == shown


def test_a_condition_is_shown_without_its_signs() -> None:
    assert rule_text({"Condition": "{% $n = 2 %}", "Next": "A"}) == "$n = 2"
    assert rule_text({"Condition": True, "Next": "A"}) == "true"


def test_a_condition_tells_its_reason_beside_itself() -> None:
    verdict = Verdict(False, "Condition", "$n = 2", False, MISSING, "", (), "$n = 2 is false: $n is 3")
    rule = line(StageName.RULE, {"Condition": "{% $n = 2 %}"}, status=StageStatus.NOT_MATCHED, detail=verdict)
    assert outcome(rule, MISSING) == "false: $n is 3"
    bare = Verdict(True, "Condition", "$n = 2", True, MISSING, "", (), "")
    rule = line(StageName.RULE, {"Condition": "{% $n = 2 %}"}, status=StageStatus.MATCHED, detail=bare)
    assert outcome(rule, MISSING) == "true"
    assert rule.stage is not None
    assert text(explanation(rule.stage, UNICODE)[0]).strip().endswith("$n = 2 is true")


def test_what_assign_did_is_told_by_the_names() -> None:
    stage = line(StageName.ASSIGN, {"n": 1, "m": 1}, {"n": 2, "m": 1}, {"n": 1})
    assert outcome(stage, stage.before) == "~ n, + m"
    assert outcome(line(StageName.ITEM_READER, {}, [1, 2], {"Bucket": "b"}), {"Bucket": "b"}) == "[…] 2 items"


# parts of expressions


def test_each_part_of_a_template_tells_what_it_came_to() -> None:
    template: Json = {"a": "{% $x %}", "b": {"c": ["{% $y %}", "as it is"]}, "d": "text"}
    value: Json = {"a": 1, "b": {"c": [{"k": 2}, "as it is"]}, "d": "text"}
    stage = Stage(StageName.ARGUMENTS, MISSING, value, template)
    assert part_values(stage) == {("a",): "= 1", ("b", "c", 0): '= {"k":2}'}
    assert part_values(Stage(StageName.PARAMETERS, MISSING, {"a": 1}, {"a.$": "$.x"})) == {("a.$",): "= 1"}
    assert part_values(Stage(StageName.OUTPUT, MISSING, [1], "{% [1] %}")) == {(): "= [1]"}


def test_a_stage_that_failed_has_no_parts_to_tell() -> None:
    failed = Stage(StageName.ARGUMENTS, {"a": 1}, MISSING, {"a": "{% $x %}"}, StageStatus.FAILED)
    assert part_values(failed) == {}


def test_what_is_evaluated_is_told_from_its_signs_also_when_it_is_cut_off() -> None:
    assert jsonata_pieces('"{% $x %}"') == [('"{%', "json-sign"), (" $x ", "json-expression"), ('%}"', "json-sign")]
    assert text(jsonata_pieces('"{% $states.in…')) == '"{% $states.in…'


# variables


VARIABLES = (Variable("n", 1, 2), Variable("keep", "x"), Variable("new", MISSING, [1]))


def test_variables_are_compared_as_objects() -> None:
    found = variables_value(VARIABLES)
    assert found.seen == {"n": 1, "keep": "x"}
    assert found.now == {"n": 2, "keep": "x", "new": [1]}
    assert found.is_changed
    assert not variables_value(VARIABLES[1:2]).is_changed
    assert variables_value(()).now is MISSING


def test_a_variable_on_the_line_shows_what_it_is_and_becomes() -> None:
    shown = [text(variable_pieces(variable, UNICODE)) for variable in VARIABLES]
    assert shown == [f"{UNICODE.changed} n 1 {UNICODE.arrow} 2", 'keep "x"', f"{UNICODE.added} new [1]"]


def test_a_place_in_the_variables_is_written_as_an_expression_reads_it() -> None:
    assert variable_path(("order", "lines", 0)) == "$order.lines[0]"
    assert variable_path(()) == "$"


@pytest.mark.parametrize("count", [4, 5])
def test_the_modes_fit_side_by_side_in_narrow_panes(count: int) -> None:
    modes = tuple(Mode)[:count]
    for width in range(36, 100):
        for mode in modes:
            pieces = header_pieces("", modes, mode, UNICODE, width)
            assert len(text(pieces)) <= width
            assert [piece[2] for piece in pieces if len(piece) > 2] == list(modes)
    assert all(mode in text(header_pieces("", modes, Mode.AFTER, UNICODE, 62)) for mode in modes)
    assert "diff" in text(header_pieces("", modes, Mode.AFTER, UNICODE, 40))


def test_the_title_before_the_modes_gives_way() -> None:
    title = "a title of some length"
    assert title in text(header_pieces(title, tuple(Mode), Mode.AFTER, UNICODE, 100))
    narrow = text(header_pieces(title, tuple(Mode), Mode.AFTER, UNICODE, 70))
    assert title not in narrow
    assert "a title of" in narrow
    assert "variables" in narrow
    assert len(narrow) <= 70


# child executions


def test_the_timeline_says_whose_events_it_shows() -> None:
    debugger = Debugger(ORDERS, INPUT, tasks=Workers())
    assert timeline_title(debugger.view()) == "Timeline"
    while debugger.view().child is None:
        debugger.step_into()
    view = debugger.view()
    assert view.child is not None
    assert timeline_title(view) == f"Timeline of child execution 1 of 3 · {view.child.name}"
    assert slider_label(view) == "main · child execution 1 of 3 · event 1 of 1"
    assert text(slider_cells(view, 8, UNICODE)).startswith(UNICODE.cursor)


def test_what_is_looked_at_has_its_variables() -> None:
    debugger = Debugger(ORDERS, INPUT, tasks=Workers())
    debugger.step_over()
    assert [variable.name for variable in selection_here(debugger.view()).variables] == ["count", "limit"]


def test_the_outlook_of_a_failure_knows_that_jsonata_has_no_result_path() -> None:
    from sfdebug.asl.load import definition_from
    from sfdebug.tui.dialogs.outlook import outlook
    from tests.debugger_runs import LAMBDA

    def ending(**fields: Any) -> str:
        catch = [{"ErrorEquals": ["States.ALL"], "Next": "B", **fields}]
        state = {"Type": "Task", "Resource": LAMBDA, "Catch": catch, "End": True, "QueryLanguage": "JSONata"}
        machine = definition_from({"StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}})
        return text(outlook(machine.state(("A",)), "Boom", 1, UNICODE)[1]).strip()

    assert ending(Output="{% 1 %}").endswith("Catcher 1 goes to B with its own Output")
    assert ending().endswith("Catcher 1 goes to B with the error in place of the data")


def test_a_condition_is_taken_apart_without_saying_anything_twice() -> None:
    debugger = Debugger(ORDERS, INPUT, tasks=Workers())
    debugger.run()
    rules = [stage for visit in debugger.execution.visits for stage in visit.stages if stage.name is StageName.RULE]
    shown = [[text(pieces).strip() for pieces in explanation(rule, UNICODE)] for rule in rules]
    assert shown[0][0] == f"{UNICODE.skipped} $count = 3 and $limit > 5 is false"
    assert f"{UNICODE.skipped} $count = 3 is false: $count is 2" in shown[0]
    assert shown[1] == [f"{UNICODE.done} $count = 2 is true: $count is 2"]
