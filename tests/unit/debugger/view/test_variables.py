"""Variables at the cursor, the stages that are to come, and the sentences of JSONata stages."""

from __future__ import annotations

from typing import Any

from sfdebug.debugger import Debugger, StopReason
from sfdebug.debugger.view.lines import variables_of
from sfdebug.debugger.view.model import Variable
from sfdebug.debugger.wording.values import named
from sfdebug.values import MISSING
from tests.debugger_runs import LAMBDA, passing
from tests.map_run_machines import INPUT, ORDERS, Workers

TALLY: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "First",
    "States": {
        "First": passing("Again", Assign={"n": 1, "keep": "{% $states.input.a %}"}),
        "Again": passing("Work", Assign={"n": "{% $n + 1 %}", "keep": "{% $keep %}", "new": [1]}),
        "Work": {
            "Type": "Task",
            "Resource": LAMBDA,
            "Arguments": {"sum": "{% $n + 1 %}", "as it is": "text", "deep": {"x": "{% $keep %}"}},
            "Assign": {"broken": "{% $states.result.nothing %}"},
            "Output": "{% $states.result %}",
            "Catch": [{"ErrorEquals": ["Boom"], "Output": {"e": "{% $states.errorOutput.Error %}"}, "Next": "End"}],
            "Next": "End",
        },
        "End": {"Type": "Succeed"},
    },
}


def tally() -> Debugger:
    return Debugger(TALLY, {"a": "x"})


def at(debugger: Debugger, state: str, stage: str) -> Debugger:
    """Step until the cursor is at this stage of this state."""
    while not debugger.stop.text.startswith(f"in {named(state)}, at {stage}"):
        assert debugger.step_into().reason is StopReason.STEP
    return debugger


def test_a_state_sees_the_values_at_entry_and_what_its_assign_makes_of_them() -> None:
    debugger = tally()
    assert debugger.view().variables == ()
    at(debugger, "Again", "Input")
    assert debugger.view().variables == (Variable("n", 1), Variable("keep", "x"))
    debugger.step_into()
    variables = debugger.view().variables
    assert variables == (Variable("n", 1, 2), Variable("keep", "x", "x"), Variable("new", MISSING, [1]))
    assert [variable.mark for variable in variables] == ["~", "", "+"]
    debugger.step_over()
    assert debugger.view().variables == (Variable("n", 2), Variable("keep", "x"), Variable("new", [1]))
    debugger.step_back()
    assert debugger.view().variables == variables, "the next state is not entered yet"


def test_the_variables_of_a_visit_that_is_over() -> None:
    debugger = tally()
    debugger.run()
    visit = debugger.execution.visits[1]
    assert variables_of(visit)[0] == Variable("n", 1, 2)
    assert variables_of(visit, 1)[0] == Variable("n", 1)


def test_variables_stay_visible_at_the_end() -> None:
    debugger = Debugger(ORDERS, INPUT, tasks=Workers())
    debugger.run()
    assert {variable.name: variable.value for variable in debugger.view().variables} == {
        "count": 2,
        "limit": 10,
        "seen": True,
        "took": 10,
    }


def test_child_executions_see_no_variables_from_outside() -> None:
    debugger = Debugger(ORDERS, INPUT, tasks=Workers())
    while debugger.view().child is None:
        debugger.step_into()
    assert debugger.view().variables == ()


def test_assign_says_what_is_new_what_changes_and_who_sees_it() -> None:
    debugger = at(tally(), "Again", "Assign")
    assert debugger.view().sentence == (
        '`$n` is now 2 (was 1), `$keep` stays the text "x" and `$new` is new: a list of 1 item; they are seen by Work.'
    ).join(("Assign: ", ""))


def test_arguments_say_where_each_part_is_from() -> None:
    debugger = at(tally(), "Work", "Arguments")
    assert debugger.view().sentence == (
        "Arguments builds the task's input: sum from `$n + 1`, as it is as written and deep built from parts."
    )


def test_an_output_of_ones_own_is_told_from_what_is_passed_on() -> None:
    debugger = Debugger(ORDERS, INPUT, tasks=Workers())
    at(debugger, "Done", "Output")
    text = debugger.view().sentence
    assert text == "Output makes what Done gives on, and the execution ends with an object with the key took."


def test_a_catcher_in_jsonata_puts_its_own_output_in_place() -> None:
    from sfdebug.engine.execution.decisions import TaskFailure

    debugger = tally()
    debugger.run()
    debugger.answer_task(TaskFailure("Boom"))
    debugger.step_into()
    assert debugger.view().sentence == "Catcher 1 takes Boom, makes its own Output and goes to End."
    assert [str(line.name) for line in debugger.view().visit_stages if line.is_pending] == ["Output"]


def test_after_a_rule_come_its_own_assign_and_output_not_those_of_the_state() -> None:
    debugger = Debugger(ORDERS, INPUT, tasks=Workers())
    while debugger.view().state_path != ("Enough?",):
        debugger.step_into()
    planned = [str(line.name) for line in debugger.view().visit_stages]
    assert planned == ["Input", "Rule", "Rule", "Default", "Output"]
    at(debugger, "Enough?", "Rule")
    assert [str(line.name) for line in debugger.view().visit_stages] == planned
    debugger.step_into()
    assert [str(line.name) for line in debugger.view().visit_stages if line.is_pending] == ["Assign", "Output"]
    debugger.step_into()
    assert [str(line.name) for line in debugger.view().visit_stages if line.is_pending] == ["Output"]


def test_a_field_that_cannot_be_evaluated_fails_in_its_stage() -> None:
    from sfdebug.engine.execution.decisions import TaskResult

    debugger = tally()
    debugger.run()
    debugger.answer_task(TaskResult({}))
    debugger.run()
    assert debugger.execution.error == "States.QueryEvaluationError"
    failed = debugger.execution.visits[-1].stages
    assert [(str(stage.name), str(stage.status)) for stage in failed if stage.fault][:1] == [("Assign", "failed")]
