"""States in JSONata: what each field sees, and what it gives."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import Execution, ExecutionStatus, step
from sfdebug.engine.execution.decisions import ForceChoice, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import Stage, StageName, StageStatus
from sfdebug.values import MISSING
from tests.engine_machines import details, invoke, jsonata, scope
from tests.engine_runs import begin, finish, one, run, stage_values, types, visit


def stages(execution: Execution, name: str) -> list[tuple[StageName, StageStatus]]:
    return [(stage.name, stage.status) for stage in visit(execution, name).stages]


def stage(execution: Execution, state: str, name: StageName) -> Stage:
    return next(stage for stage in visit(execution, state).stages if stage.name is name)


# Task


def test_a_task_is_called_with_its_arguments_and_gives_its_output() -> None:
    ended = run(
        jsonata(
            invoke(
                Arguments={"id": "{% $states.input.id %}", "fixed": [1, "{% 1 + 1 %}"]},
                Output={"was": "{% $states.result %}", "of": "{% $states.input.id %}"},
            )
        ),
        {"id": "o1"},
    )
    assert ended.output == {"was": {"id": "o1", "fixed": [1, 2]}, "of": "o1"}
    assert [name for name, _ in stage_values(visit(ended, "A"))] == ["Input", "Arguments", "Task", "Output"]


def test_without_arguments_and_output_a_task_gets_its_input_and_gives_its_result() -> None:
    ended = run(jsonata(invoke()), {"x": 1}, lambda request: TaskResult([request.input]))
    assert ended.output == [{"x": 1}]
    assert details(ended, "TaskScheduled")[0]["parameters"] == {"x": 1}


def test_a_field_that_is_text_and_nothing_else_gives_a_value_of_any_type() -> None:
    ended = run(jsonata({"Type": "Pass", "Output": "{% $states.input.n * 2 %}", "End": True}), {"n": 21})
    assert ended.output == 42


def test_braces_inside_of_text_are_text() -> None:
    ended = run(jsonata({"Type": "Pass", "Output": {"a": "x {% 1 %} y", "b": ["{%1%}"]}, "End": True}))
    assert ended.output == {"a": "x {% 1 %} y", "b": [1]}


def test_a_token_stands_in_the_context_of_a_callback_task() -> None:
    asked: list[Any] = []

    def answer(request: Any) -> TaskResult:
        asked.append(request)
        return TaskResult(1)

    definition = jsonata(
        invoke(
            Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            Arguments={"MessageBody": {"t": "{% $states.context.Task.Token %}"}},
        )
    )
    ended = run(definition, {}, answer)
    assert ended.status is ExecutionStatus.SUCCEEDED
    assert asked[0].task_token == asked[0].input["MessageBody"]["t"]
    assert len(asked[0].task_token) > 20


@pytest.mark.parametrize("field", ["TimeoutSeconds", "HeartbeatSeconds"])
def test_limits_are_evaluated(field: str) -> None:
    definition = jsonata(invoke(**{field: "{% $states.input.s + 1 %}"}))
    ended = run(definition, {"s": 4}, lambda _: TaskSilence())
    assert (ended.error, ended.clock) == ("States.Timeout", 5000)
    key = "timeoutInSeconds" if field == "TimeoutSeconds" else "heartbeatInSeconds"
    assert details(ended, "TaskScheduled")[0][key] == 5


@pytest.mark.parametrize("seconds", ["{% 0 %}", "{% -3 %}", "{% 'soon' %}", "{% 1.5 %}", "{% [1] %}", "{% $gone %}"])
def test_limits_that_are_none_fail_the_state(seconds: str) -> None:
    ended = run(jsonata(invoke(TimeoutSeconds=seconds)))
    assert ended.error == "States.QueryEvaluationError"
    (failed,) = details(ended, "EvaluationFailed")
    assert (failed["state"], failed["location"], failed["error"]) == ("A", "TimeoutSeconds", ended.error)
    assert failed["cause"] == ended.cause
    assert "TaskScheduled" not in types(ended)


@pytest.mark.parametrize("field", ["TimeoutSeconds", "HeartbeatSeconds"])
@pytest.mark.parametrize("seconds", [-1, 100_000_000])
def test_limits_have_bounds(field: str, seconds: int) -> None:
    ended = run(jsonata(invoke(**{field: f"{{% {seconds} %}}"})))
    assert (ended.cause or "").endswith(f"). {field} must be between 0 and 99999999 but was: {seconds}")


def test_credentials_are_evaluated() -> None:
    role = "arn:aws:iam::123456789012:role/other"
    definition = jsonata(invoke(Credentials={"RoleArn": "{% $states.input.role %}"}))
    scheduled = details(run(definition, {"role": role}), "TaskScheduled")[0]
    assert scheduled["taskCredentials"] == {"roleArn": role}


# Assign


def test_assign_and_output_see_the_values_at_entry() -> None:
    """Source: AWS docs, "Passing data between states with variables": the order of evaluation."""
    ended = run(
        jsonata(
            {"Type": "Pass", "Assign": {"a": 1, "b": 2}, "Next": "Swap"},
            Swap={
                "Type": "Pass",
                "Assign": {"a": "{% $b %}", "b": "{% $a %}"},
                "Output": {"a": "{% $a %}", "b": "{% $b %}"},
                "Next": "Show",
            },
            Show={"Type": "Pass", "Output": {"a": "{% $a %}", "b": "{% $b %}"}, "End": True},
        )
    )
    assert visit(ended, "Swap").output == {"a": 1, "b": 2}
    assert ended.output == {"a": 2, "b": 1}
    swap = visit(ended, "Swap")
    assert (dict(swap.variables), swap.assigned) == ({"a": 1, "b": 2}, {"a": 2, "b": 1})
    assert details(ended, "PassStateExited")[1]["assignedVariables"] == {"a": 2, "b": 1}


def test_the_assign_stage_knows_the_old_values_and_the_new() -> None:
    definition = jsonata(
        {"Type": "Pass", "Assign": {"a": 1}, "Next": "B"},
        B={"Type": "Pass", "Assign": {"a": "{% $a + 1 %}", "n": True}, "End": True},
    )
    ended = run(definition)
    first, second = stage(ended, "A", StageName.ASSIGN), stage(ended, "B", StageName.ASSIGN)
    assert (first.before, first.after) == (MISSING, {"a": 1})
    assert (second.before, second.after) == ({"a": 1}, {"a": 2, "n": True})
    assert second.expression == {"a": "{% $a + 1 %}", "n": True}


def test_what_is_assigned_from_a_result_counts_after_the_state_only() -> None:
    definition = jsonata(
        invoke(Assign={"got": "{% $states.result.v %}"}, Output="{% $exists($got) %}", Next="B"),
        B={"Type": "Pass", "Output": "{% $got %}", "End": True},
    )
    ended = run(definition, {}, lambda _: TaskResult({"v": 5}))
    assert visit(ended, "A").output is False
    assert ended.output == 5


def test_a_retried_task_assigns_once_and_from_the_attempt_that_succeeds() -> None:
    definition = jsonata(
        invoke(
            Arguments={"tries": "{% $states.context.State.RetryCount %}"},
            Assign={"tries": "{% $states.result.tries %}"},
            Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 3}],
            Next="B",
        ),
        B={"Type": "Pass", "Output": "{% $tries %}", "End": True},
    )

    def answer(request: Any) -> Any:
        return TaskResult(request.input) if request.attempt == 3 else TaskFailure("Busy")

    ended = run(definition, {}, answer)
    assert ended.output == 2
    assert len(details(ended, "TaskStateExited")) == 1


def test_functions_see_what_they_need_and_no_variable_is_shared() -> None:
    definition = jsonata(
        {"Type": "Pass", "Assign": {"o": {"list": [1, 2]}}, "Next": "B"},
        B={"Type": "Pass", "Assign": {"o": "{% $o ~> |$|{'list': $append(list, 3)}| %}"}, "Next": "C"},
        C={"Type": "Pass", "Output": "{% $o.list %}", "End": True},
    )
    ended = run(definition)
    assert ended.output == [1, 2, 3]
    assert visit(ended, "B").variables == {"o": {"list": [1, 2]}}


# Choice


CHOICE: dict[str, Any] = {
    "Type": "Choice",
    "Assign": {"by": "default"},
    "Output": {"by": "default"},
    "Choices": [
        {"Condition": "{% $states.input.n > 9 %}", "Next": "B", "Assign": {"by": "rule"}, "Output": "{% 'rule' %}"},
        {"Condition": "{% $states.input.n > 5 %}", "Next": "B"},
    ],
    "Default": "B",
}
SHOW: dict[str, Any] = {
    "Type": "Pass",
    "Output": {"in": "{% $states.input %}", "by": "{% $exists($by) ? $by : null %}"},
    "End": True,
}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (10, {"in": "rule", "by": "rule"}),
        (6, {"in": {"n": 6}, "by": None}),
        (1, {"in": {"by": "default"}, "by": "default"}),
    ],
    ids=["a rule with its own", "a rule without", "the default"],
)
def test_assign_and_output_of_a_rule_stand_in_for_those_of_the_state(number: int, shown: Any) -> None:
    """Recorded: the state's Assign and Output are for its Default."""
    assert run(jsonata(CHOICE, B=SHOW), {"n": number}).output == shown


def test_a_verdict_tells_the_condition_and_what_came_of_it() -> None:
    ended = run(jsonata(CHOICE, B=SHOW), {"n": 6})
    rules = [one for one in visit(ended, "A").stages if one.name is StageName.RULE]
    assert [one.status for one in rules] == [StageStatus.NOT_MATCHED, StageStatus.MATCHED]
    verdicts: list[Any] = [one.detail for one in rules]
    assert [(one.matched, one.operator, one.value) for one in verdicts] == [
        (False, "Condition", False),
        (True, "Condition", True),
    ]
    assert "$states.input.n > 9" in verdicts[0].path


def test_a_forced_rule_assigns_and_gives_what_it_would() -> None:
    execution = step(begin(jsonata(CHOICE, B=SHOW), {"n": 1}), ForceChoice((), 0))
    assert finish(execution).output == {"in": "rule", "by": "rule"}


@pytest.mark.parametrize("condition", ["{% $states.input.n %}", "{% 'true' %}", "{% $gone %}", "{% 1 + 'x' %}"])
def test_a_condition_that_is_no_boolean_fails_the_execution(condition: str) -> None:
    definition = jsonata({"Type": "Choice", "Choices": [{"Condition": condition, "Next": "B"}], "Default": "B"}, B=SHOW)
    ended = run(definition, {"n": 6})
    assert (ended.status, ended.error) == (ExecutionStatus.FAILED, "States.QueryEvaluationError")
    assert details(ended, "EvaluationFailed")[0]["location"] == "Choices[0]/Condition"
    assert stages(ended, "A") == [(StageName.INPUT, StageStatus.DONE), (StageName.RULE, StageStatus.FAILED)]


def test_conditions_after_the_one_that_matches_are_not_evaluated() -> None:
    rules = [{"Condition": "{% true %}", "Next": "B"}, {"Condition": "{% $error('no') %}", "Next": "B"}]
    ended = run(jsonata({"Type": "Choice", "Choices": rules}, B=SHOW))
    assert ended.status is ExecutionStatus.SUCCEEDED


def test_no_match_and_no_default() -> None:
    ended = run(jsonata({"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "B"}]}, B=SHOW))
    assert ended.error == "States.Runtime"


# the other types


def test_fail_with_expressions() -> None:
    state = {"Type": "Fail", "Error": "{% 'E' & $states.input.n %}", "Cause": "{% $string($states.input) %}"}
    ended = run(jsonata(state), {"n": 1})
    assert (ended.error, ended.cause) == ("E1", '{"n":1}')


@pytest.mark.parametrize(("field", "value"), [("Error", "{% 1 %}"), ("Cause", "{% {'a': 1} %}")])
def test_fail_needs_text(field: str, value: str) -> None:
    ended = run(jsonata({"Type": "Fail", "Error": "E", field: value}))
    assert ended.error == "States.QueryEvaluationError"


def test_waiting_for_seconds_and_until_a_time() -> None:
    definition = jsonata(
        {"Type": "Wait", "Seconds": "{% $states.input.s %}", "Output": "{% $states.input.until %}", "Next": "B"},
        B={"Type": "Wait", "Timestamp": "{% $states.input %}", "End": True},
    )
    ended = run(definition, {"s": 3, "until": "2025-01-01T00:01:00Z"})
    assert (ended.clock, ended.output) == (60_000, "2025-01-01T00:01:00Z")
    assert visit(ended, "B").entered_at - ended.settings.start_time == 3000


@pytest.mark.parametrize("value", ["{% -1 %}", "{% 'x' %}", "{% 2147483648 %}"])
def test_a_wait_that_cannot_be(value: str) -> None:
    assert run(jsonata({"Type": "Wait", "Seconds": value, "End": True})).error == "States.QueryEvaluationError"


def test_a_pass_gives_its_input_unless_it_has_an_output() -> None:
    assert run(jsonata({"Type": "Pass", "End": True}), {"x": 1}).output == {"x": 1}
    assert run(jsonata({"Type": "Pass", "Output": {}, "End": True}), {"x": 1}).output == {}
    assert run(jsonata({"Type": "Succeed", "Output": None}), {"x": 1}).output is None


def test_one_state_of_a_jsonpath_machine_in_jsonata() -> None:
    definition = one(
        {"Type": "Pass", "Assign": {"v.$": "$.n"}, "Next": "B"},
        B={"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"n": "{% $v + 1 %}"}, "Next": "C"},
        C={"Type": "Pass", "Parameters": {"n.$": "$.n", "v.$": "$v"}, "End": True},
    )
    assert run(definition, {"n": 1}).output == {"n": 2, "v": 1}


def test_a_payload_that_is_too_large_is_no_variable() -> None:
    state = {"Type": "Pass", "Assign": {"a": "{% $pad('', 300000, 'x') %}"}, "End": True}
    assert run(jsonata(state)).error == "States.DataLimitExceeded"


# Parallel and Map


def test_branches_read_outer_variables_and_keep_their_own() -> None:
    inner = {"Type": "Pass", "Assign": {"own": "{% $outer + $states.input.n %}"}, "Next": "Y"}
    show = {"Type": "Pass", "Output": "{% $own %}", "End": True}
    definition = jsonata(
        {"Type": "Pass", "Assign": {"outer": 10}, "Next": "P"},
        P={
            "Type": "Parallel",
            "Arguments": {"n": 5},
            "Branches": [scope(X1=inner | {"Next": "Y1"}, Y1=show), scope(X2=inner | {"Next": "Y2"}, Y2=show)],
            "Assign": {"sum": "{% $sum($states.result) %}"},
            "Next": "Z",
        },
        Z={"Type": "Pass", "Output": {"sum": "{% $sum %}", "own": "{% $exists($own) %}"}, "End": True},
    )
    definition["States"]["Z"]["Output"]["sum"] = "{% $total %}"
    definition["States"]["P"]["Assign"] = {"total": "{% $sum($states.result) %}"}
    ended = run(definition)
    assert ended.output == {"sum": 30, "own": False}


def test_iterations_get_items_and_their_places() -> None:
    definition = jsonata(
        {
            "Type": "Map",
            "Items": "{% $states.input.list[$ > 1] %}",
            "ItemSelector": {
                "v": "{% $states.context.Map.Item.Value %}",
                "i": "{% $states.context.Map.Item.Index %}",
                "all": "{% $count($states.input.list) %}",
            },
            "MaxConcurrency": "{% 1 %}",
            "ItemProcessor": scope(
                X={"Type": "Pass", "Output": "{% $states.input.v * $states.input.all %}", "End": True}
            ),
            "Output": {"r": "{% $states.result %}", "n": "{% $count($states.input.list) %}"},
            "End": True,
        }
    )
    ended = run(definition, {"list": [1, 2, 3]})
    assert ended.output == {"r": [6, 9], "n": 3}
    names = [name for name, _ in stages(ended, "A")]
    assert names == ["Input", "Items", "ItemSelector", "Iterations", "Output"]
    assert stage(ended, "A", StageName.ITEM_SELECTOR).after == [{"v": 2, "i": 0, "all": 3}, {"v": 3, "i": 1, "all": 3}]


@pytest.mark.parametrize(("items", "count"), [("{% [] %}", 0), ("{% [$states.input] %}", 1), ([1, "{% 2 %}"], 2)])
def test_items_are_an_array_whatever_its_length(items: Any, count: int) -> None:
    state = {"Type": "Map", "Items": items, "ItemProcessor": scope(X={"Type": "Pass", "End": True}), "End": True}
    ended = run(jsonata(state), {"a": 1})
    assert len(ended.output) == count


@pytest.mark.parametrize("items", ["{% 1 %}", "{% 'a' %}", "{% $gone %}"])
def test_items_that_are_no_array(items: str) -> None:
    state = {"Type": "Map", "Items": items, "ItemProcessor": scope(X={"Type": "Pass", "End": True}), "End": True}
    ended = run(jsonata(state))
    assert ended.error == "States.QueryEvaluationError"
    assert details(ended, "EvaluationFailed")[0]["location"] == "Items"


def test_iterations_do_not_see_each_others_variables() -> None:
    processor = scope(
        X={"Type": "Pass", "Assign": {"mine": "{% $states.input %}"}, "Output": "{% $exists($mine) %}", "Next": "Y"},
        Y={"Type": "Pass", "Output": "{% $mine %}", "End": True},
    )
    ended = run(jsonata({"Type": "Map", "ItemProcessor": processor, "End": True}), [1, 2, 3])
    assert ended.output == [1, 2, 3]
    assert {found.output for found in ended.visits if found.state.name == "X"} == {False}


def test_a_caught_branch_leaves_no_variables() -> None:
    definition = jsonata(
        {
            "Type": "Parallel",
            "Branches": [
                scope(X={"Type": "Pass", "Assign": {"inner": 1}, "Next": "F"}, F={"Type": "Fail", "Error": "E"})
            ],
            "Catch": [{"ErrorEquals": ["E"], "Assign": {"seen": "{% $exists($inner) %}"}, "Next": "B"}],
            "End": True,
        },
        B={"Type": "Pass", "Output": "{% $seen %}", "End": True},
    )
    assert run(definition).output is False
