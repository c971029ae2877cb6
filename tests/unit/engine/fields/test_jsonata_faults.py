"""What is left of a state when its JSONata cannot be evaluated; Catchers; bounds and determinism."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import Execution, ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import AnswerTask, TaskFailure, TaskResult
from sfdebug.engine.execution.settings import ObjectItems
from tests.engine_machines import details, invoke, jsonata, scope
from tests.engine_runs import begin, finish, run, scripted, types, visit

SHOW: dict[str, Any] = {"Type": "Pass", "Output": "{% $states.input %}", "End": True}


# Catch


def caught(**fields: Any) -> dict[str, Any]:
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "B", **fields}
    show = {"Type": "Pass", "Output": {"in": "{% $states.input %}", "e": "{% $exists($e) ? $e : null %}"}, "End": True}
    state = invoke(Assign={"e": "state"}, Output="{% 'state' %}", Catch=[catcher], Next="B")
    return jsonata(state, B=show)


def test_a_catcher_gives_its_error_output_and_nothing_of_the_state() -> None:
    ended = run(caught(), {"x": 1}, lambda _: TaskFailure("E", "c"))
    assert ended.output == {"in": {"Error": "E", "Cause": "c"}, "e": None}


def test_a_catcher_assigns_and_gives_what_it_says() -> None:
    fields = {
        "Assign": {"e": "{% $states.errorOutput.Error %}"},
        "Output": {"x": "{% $states.input.x %}", "why": "{% $states.errorOutput.Cause %}"},
    }
    ended = run(caught(**fields), {"x": 1}, lambda _: TaskFailure("E", "c"))
    assert ended.output == {"in": {"x": 1, "why": "c"}, "e": "E"}
    names = [stage.name for stage in visit(ended, "A").stages]
    assert names == ["Input", "Task", "Catch", "Assign", "Output"]


def test_a_result_that_is_not_there_cannot_be_caught_with() -> None:
    ended = run(caught(Output="{% $states.result %}"), {}, lambda _: TaskFailure("E", "c"))
    assert ended.error == "States.QueryEvaluationError"
    assert details(ended, "EvaluationFailed")[0]["location"] == "Catch[0]/Output"


def test_a_failed_evaluation_can_be_caught() -> None:
    definition = jsonata(
        invoke(Arguments={"x": "{% $gone %}"}, Catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "B"}]),
        B={"Type": "Pass", "Output": "{% $states.input.Error %}", "End": True},
    )
    ended = run(definition)
    assert ended.output == "States.QueryEvaluationError"
    assert types(ended)[:4] == ["ExecutionStarted", "TaskStateEntered", "EvaluationFailed", "TaskStateExited"]


def test_a_failed_evaluation_can_be_retried() -> None:
    definition = jsonata(
        invoke(
            Arguments={"x": "{% $states.context.State.RetryCount = 2 ? 'ok' : $error('early') %}"},
            Retry=[{"ErrorEquals": ["States.QueryEvaluationError"], "IntervalSeconds": 1, "BackoffRate": 1}],
        )
    )
    ended = run(definition)
    assert (ended.output, ended.clock) == ({"x": "ok"}, 2000)
    assert types(ended).count("EvaluationFailed") == 2


# where EvaluationFailed follows


def followed(execution: Execution) -> str:
    """The type of the event that EvaluationFailed follows."""
    events = {event.id: event for event in execution.events}
    (failed,) = (event for event in execution.events if event.type == "EvaluationFailed")
    return events[failed.previous_event_id].type if failed.previous_event_id else "nothing"


@pytest.mark.parametrize(
    ("state", "event", "location"),
    [
        ({"Type": "Pass", "Output": "{% $gone %}", "End": True}, "PassStateExited", "Output"),
        ({"Type": "Pass", "Assign": {"a": {"b": "{% $gone %}"}}, "End": True}, "PassStateExited", "Assign/a/b"),
        (invoke(Arguments={"a": ["{% $gone %}"]}), "PassStateExited", "Arguments/a[0]"),
        (invoke(Output="{% $gone %}"), "TaskSucceeded", "Output"),
        ({"Type": "Wait", "Seconds": "{% $gone %}", "End": True}, "WaitStateEntered", "Seconds"),
        ({"Type": "Succeed", "Output": "{% $gone %}"}, "PassStateExited", "Output"),
        ({"Type": "Fail", "Error": "{% $gone %}"}, "PassStateExited", "Error"),
    ],
    ids=["Pass Output", "Pass Assign", "Arguments", "Task Output", "Wait", "Succeed", "Fail"],
)
def test_where_a_failed_evaluation_stands(state: dict[str, Any], event: str, location: str) -> None:
    definition = jsonata({"Type": "Pass", "Next": "B"}, B=state)
    ended = run(definition)
    assert followed(ended) == event
    (failed,) = details(ended, "EvaluationFailed")
    assert (failed["state"], failed["location"]) == ("B", location)
    assert ended.error == "States.QueryEvaluationError"


@pytest.mark.parametrize(
    ("number", "location"),
    [(3, "Choices[0]/Assign/v"), (2, "Choices[1]/Output/v[0]"), (1, "Assign/v")],
    ids=["Assign of a rule", "Output of a rule", "Assign of the Choice"],
)
def test_a_rule_names_its_own_fields_under_its_index(number: int, location: str) -> None:
    gone = "{% $states.input.gone %}"
    rules = [
        {"Condition": "{% $states.input.n = 3 %}", "Assign": {"v": gone}, "Next": "B"},
        {"Condition": "{% $states.input.n = 2 %}", "Output": {"v": [gone]}, "Next": "B"},
    ]
    choice = {"Type": "Choice", "Choices": rules, "Default": "B", "Assign": {"v": gone}}
    ended = run(jsonata(choice, B=SHOW), {"n": number})
    assert [failed["location"] for failed in details(ended, "EvaluationFailed")] == [location]


def test_a_catcher_that_cannot_be_evaluated_fails_the_state_again() -> None:
    catchers = [
        {"ErrorEquals": ["Other"], "Next": "B"},
        {"ErrorEquals": ["States.ALL"], "Output": {"v": "{% $states.input.gone %}"}, "Next": "B"},
    ]
    branch = scope(F={"Type": "Fail", "Error": "MyError"})
    ended = run(jsonata({"Type": "Parallel", "Branches": [branch], "Catch": catchers, "End": True}, B=SHOW), {"x": 1})
    assert [(event.type, event.previous_event_id) for event in ended.events][3:] == [
        ("FailStateEntered", 3),
        ("ParallelStateFailed", 4),
        ("EvaluationFailed", 4),
        ("ParallelStateFailed", 6),
        ("ExecutionFailed", 7),
    ]
    assert details(ended, "EvaluationFailed")[0]["location"] == "Catch[1]/Output/v"
    assert ended.error == "States.QueryEvaluationError"


# bounds and determinism


def test_random_draws_depend_on_the_seed_alone() -> None:
    definition = jsonata(
        {"Type": "Pass", "Assign": {"u": "{% $uuid() %}"}, "Output": "{% [$random(), $random(7)] %}", "Next": "B"},
        B={
            "Type": "Pass",
            "Output": {"u": "{% $u %}", "in": "{% $states.input %}", "r": "{% $random() %}"},
            "End": True,
        },
    )
    first, again, other = (run(definition, {}, seed=seed).output for seed in (1, 1, 2))
    assert first == again != other


def test_time_is_the_clock_of_the_execution() -> None:
    definition = jsonata(
        {"Type": "Wait", "Seconds": 5, "Next": "B"},
        B={"Type": "Pass", "Output": ["{% $millis() %}", "{% $now() %}"], "End": True},
    )
    ended = run(definition)
    assert ended.output == [ended.settings.start_time + 5000, "2025-01-01T00:00:05.000Z"]


@pytest.mark.parametrize(
    "expression",
    [
        "{% ($f := function($n) { $f($n + 1) + 1 }; $f(0)) %}",
        "{% [1..1000000000] %}",
        "{% $match('a' & $pad('', 40, 'a') & '!', /(a+)+$/) %}",
    ],
    ids=["recursion", "range", "regex"],
)
def test_hostile_expressions_end_with_an_error_or_a_value(expression: str) -> None:
    ended = run(jsonata({"Type": "Pass", "Output": expression, "End": True}))
    assert ended.status in (ExecutionStatus.FAILED, ExecutionStatus.SUCCEEDED)
    if ended.status is ExecutionStatus.FAILED:
        assert ended.error == "States.QueryEvaluationError"


def test_an_answer_is_taken_in_by_the_branch_that_asks() -> None:
    definition = jsonata(
        {
            "Type": "Parallel",
            "Branches": [
                scope(X1=invoke(Output="{% $states.result * 2 %}")),
                scope(X2=invoke(Output="{% $states.result %}")),
            ],
            "End": True,
        }
    )
    execution = begin(definition)
    while not (asked := readiness(execution).requests) or readiness(execution).ready:
        execution = step(execution)
    assert [request.state.name for request in asked] == ["X1", "X2"]
    execution = step(execution, AnswerTask(asked[1].branch, TaskResult(7)))
    assert finish(execution, scripted({"X1": [TaskResult(1)]})).output == [2, 7]


@pytest.mark.parametrize("items", [{"a": 1}, {"a": "{% $states.input.x %}"}])
def test_items_written_as_an_object_fail_in_words(items: Any) -> None:
    state = {"Type": "Map", "Items": items, "ItemProcessor": scope(B=SHOW), "End": True}
    ended = run(jsonata(state), {"x": 1}, object_items=ObjectItems.DISTRIBUTED)
    assert ended.error == "States.QueryEvaluationError"
    assert (ended.cause or "").endswith('Items must be an array but was: {"a":1}')
    assert types(ended)[-3:] == ["EvaluationFailed", "MapStateFailed", "ExecutionFailed"]
    stages = visit(ended, "A").stages
    assert [(stage.name.value, stage.status.value) for stage in stages] == [("Input", "done"), ("Items", "failed")]
