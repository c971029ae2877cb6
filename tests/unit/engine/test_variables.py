"""Variables in JSONPath states: Assign in every type, scopes, and what `$name` means in which field."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine import Execution, ExecutionStatus, start
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING
from tests.engine_runs import begin, finish, one, run, visit

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"
DISTRIBUTED: dict[str, Any] = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
PASS: dict[str, Any] = {"Type": "Pass", "End": True}


def scope(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def chain(**states: dict[str, Any]) -> dict[str, Any]:
    """States in a row."""
    names = list(states)
    for name, following in pairwise(names):
        states[name] = {**states[name], "Next": following}
    states[names[-1]] = {**states[names[-1]], "End": True}
    return scope(**states)


def show(*names: str) -> dict[str, Any]:
    """A Pass whose output is the variables."""
    return {"Type": "Pass", "Parameters": {f"{name}.$": f"${name}" for name in names}}


def assigned(execution: Execution) -> list[tuple[str, Any]]:
    """State and new values, from the events."""
    return [
        (str(event.details["name"]), event.details["assignedVariables"])
        for event in execution.events
        if event.details and "assignedVariables" in event.details
    ]


@pytest.mark.parametrize(
    ("state", "value"),
    [
        ({"Type": "Pass", "Assign": {"v.$": "$.n"}}, 1),
        ({"Type": "Pass", "Assign": {"v": {"lit": [1, "$.n"]}}}, {"lit": [1, "$.n"]}),
        ({"Type": "Pass", "Assign": {"v": {"deep": {"n.$": "$.n"}}}}, {"deep": {"n": 1}}),
        ({"Type": "Pass", "Assign": {"v.$": "States.MathAdd($.n, 4)"}}, 5),
        ({"Type": "Pass", "Assign": {"v.$": "$$.State.Name"}}, "A"),
        ({"Type": "Pass", "Result": {"n": 7}, "Assign": {"v.$": "$.n"}}, 7),
        ({"Type": "Pass", "Parameters": {"n": 8}, "Assign": {"v.$": "$.n"}}, 8),
        ({"Type": "Pass", "InputPath": "$.in", "Assign": {"v.$": "$.n"}}, 2),
        ({"Type": "Wait", "Seconds": 1, "Assign": {"v.$": "$.n"}}, 1),
        ({"Type": "Task", "Resource": LAMBDA, "Assign": {"v.$": "$.got"}}, 3),
        ({"Type": "Task", "Resource": LAMBDA, "ResultSelector": {"n": 9}, "Assign": {"v.$": "$.n"}}, 9),
        ({"Type": "Task", "Resource": LAMBDA, "ResultPath": "$.r", "Assign": {"v.$": "$.got"}}, 3),
        ({"Type": "Parallel", "Branches": [scope(P=PASS)], "Assign": {"v.$": "$[0].n"}}, 1),
        ({"Type": "Map", "ItemsPath": "$.list", "ItemProcessor": scope(P=PASS), "Assign": {"v.$": "$"}}, [4, 5]),
    ],
    ids=[
        "input",
        "literal",
        "inside",
        "function",
        "context",
        "Result",
        "Parameters",
        "InputPath",
        "Wait",
        "Task",
        "ResultSelector",
        "ResultPath",
        "Parallel",
        "Map",
    ],
)
def test_what_assign_sees(state: dict[str, Any], value: Any) -> None:
    given: Any = {"n": 1, "in": {"n": 2}, "list": [4, 5]}
    ended = run(chain(A=state, B=show("v")), given, lambda _: TaskResult({"got": 3}))
    assert ended.output == {"v": value}
    assert assigned(ended) == [("A", {"v": value})]
    found = next(stage for stage in visit(ended, "A").stages if stage.name is StageName.ASSIGN)
    assert (found.before, found.after) == (MISSING, {"v": value})


def test_all_of_a_state_sees_the_values_at_entry() -> None:
    ended = run(
        chain(
            A={"Type": "Pass", "Assign": {"a": 1, "b": 2}},
            B={"Type": "Pass", "Assign": {"a.$": "$b", "b.$": "$a"}, "Parameters": {"a.$": "$a"}, "OutputPath": "$b"}
            | {"OutputPath": "$"},
            C=show("a", "b"),
        )
    )
    assert visit(ended, "B").output == {"a": 1}
    assert ended.output == {"a": 2, "b": 1}


def test_what_is_not_assigned_again_stays() -> None:
    ended = run(
        chain(
            A={"Type": "Pass", "Assign": {"a": 1, "b": [1]}}, B={"Type": "Pass", "Assign": {"b": [2]}}, C=show("a", "b")
        )
    )
    assert ended.output == {"a": 1, "b": [2]}
    assert visit(ended, "C").variables == {"a": 1, "b": [2]}
    assert visit(ended, "B").assigned == {"b": [2]}


def test_null_is_a_value() -> None:
    assert run(chain(A={"Type": "Pass", "Assign": {"a": None}}, B=show("a"))).output == {"a": None}


@pytest.mark.parametrize(
    ("state", "output"),
    [
        ({"Type": "Pass", "InputPath": "$v"}, {"k": [1, 2]}),
        ({"Type": "Pass", "InputPath": "$v.k[1]"}, 2),
        ({"Type": "Pass", "OutputPath": "$v.k"}, [1, 2]),
        ({"Type": "Pass", "Parameters": {"x.$": "$v.k[0]"}}, {"x": 1}),
        ({"Type": "Pass", "Parameters": {"x.$": "States.ArrayLength($v.k)"}}, {"x": 2}),
        ({"Type": "Pass", "Parameters": {"x.$": "$v.k[?(@ > 1)]"}}, {"x": [2]}),
        ({"Type": "Map", "ItemsPath": "$v.k", "ItemProcessor": scope(P=PASS)}, [1, 2]),
        (
            {
                "Type": "Map",
                "ItemsPath": "$v.k",
                "ItemSelector": {"v.$": "$v", "i.$": "$$.Map.Item.Value"},
                "ItemProcessor": scope(P=PASS),
            },
            [{"v": {"k": [1, 2]}, "i": 1}, {"v": {"k": [1, 2]}, "i": 2}],
        ),
        ({"Type": "Task", "Resource": LAMBDA, "InputPath": "$v.k"}, {"got": [1, 2]}),
        ({"Type": "Task", "Resource": LAMBDA, "ResultSelector": {"x.$": "$v.k"}}, {"x": [1, 2]}),
    ],
    ids=lambda value: "",
)
def test_paths_that_start_at_a_variable(state: dict[str, Any], output: Any) -> None:
    definition = chain(A={"Type": "Pass", "Assign": {"v": {"k": [1, 2]}}}, B=state)
    assert run(definition, {"in": 1}, lambda request: TaskResult({"got": request.input})).output == output


def test_numbers_and_times_from_variables() -> None:
    definition = chain(
        A={"Type": "Pass", "Assign": {"s": 2, "t": "2025-01-01T00:00:10Z"}},
        B={"Type": "Wait", "SecondsPath": "$s"},
        C={"Type": "Wait", "TimestampPath": "$t"},
        D={"Type": "Task", "Resource": LAMBDA, "TimeoutSecondsPath": "$s"},
    )
    ended = run(definition)
    assert ended.clock == 10_000
    scheduled = [event.details for event in ended.events if event.type == "LambdaFunctionScheduled"]
    assert scheduled == [{**(scheduled[0] or {}), "timeoutInSeconds": 2}]


def test_a_choice_compares_variables_and_assigns_per_rule() -> None:
    definition = chain(A={"Type": "Pass", "Assign": {"v": 5, "limit": 3}}, B={"Type": "Succeed"})
    definition["States"]["A"]["Next"] = "C"
    definition["States"] |= {
        "C": {
            "Type": "Choice",
            "Assign": {"by": "default"},
            "Choices": [
                {"Variable": "$v", "NumericGreaterThanPath": "$limit", "Next": "D", "Assign": {"by.$": "$.n"}},
                {"Variable": "$v", "NumericEquals": 2, "Next": "D"},
            ],
            "Default": "D",
        },
        "D": {**show("by"), "End": True},
    }
    del definition["States"]["B"]
    assert run(definition, {"n": "rule"}).output == {"by": "rule"}
    definition["States"]["A"]["Assign"]["limit"] = 9
    assert run(definition, {"n": "rule"}).output == {"by": "default"}


def test_a_catcher_assigns_from_its_error_output() -> None:
    catcher = {"ErrorEquals": ["E"], "ResultPath": "$.e", "Assign": {"why.$": "$.Cause", "a": 2}, "Next": "C"}
    definition = chain(
        A={"Type": "Pass", "Assign": {"a": 1}},
        B={"Type": "Task", "Resource": LAMBDA, "Assign": {"a": 3, "why": "none"}, "Catch": [catcher]},
        C=show("a", "why"),
    )
    assert run(definition, {}, lambda _: TaskFailure("E", "because")).output == {"a": 2, "why": "because"}
    assert run(definition, {}, lambda _: TaskResult({})).output == {"a": 3, "why": "none"}


def test_a_failed_state_assigns_nothing() -> None:
    catcher = {"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "C"}
    definition = chain(
        A={"Type": "Pass", "Assign": {"a": 1}},
        B={"Type": "Task", "Resource": LAMBDA, "Assign": {"a": 2}, "Catch": [catcher]},
        C=show("a"),
    )
    assert run(definition, {}, lambda _: TaskFailure("E")).output == {"a": 1}


# scopes


def test_branches_see_outer_variables_and_theirs_end_with_them() -> None:
    inner = chain(X={"Type": "Pass", "Assign": {"own.$": "$.n"}}, Y=show("own", "outer"))
    definition = chain(
        A={"Type": "Pass", "Assign": {"outer": 1}},
        P={"Type": "Parallel", "Branches": [inner, chain(Z=show("outer"))]},
        B=PASS,
    )
    ended = run(definition, {"n": 2})
    assert ended.output == [{"own": 2, "outer": 1}, {"outer": 1}]
    assert visit(ended, "B").variables == {"outer": 1}


def test_siblings_may_use_one_name_for_two_variables() -> None:
    branches = [
        chain(X1={"Type": "Pass", "Assign": {"v": 1}}, W1={"Type": "Wait", "Seconds": 2}, Y1=show("v")),
        chain(X2={"Type": "Pass", "Assign": {"v": 2}}, W2={"Type": "Wait", "Seconds": 1}, Y2=show("v")),
    ]
    assert run(one({"Type": "Parallel", "Branches": branches, "End": True})).output == [{"v": 1}, {"v": 2}]


def test_an_inner_scope_that_uses_an_outer_name_leaves_the_outer_variable_alone() -> None:
    """AWS wants names to be unique among nested scopes (`sfdebug lint` says so); what is run keeps the two apart."""
    inner = chain(X={"Type": "Pass", "Assign": {"v": 2}}, Y=show("v"))
    definition = chain(
        A={"Type": "Pass", "Assign": {"v": 1}},
        P={"Type": "Map", "ItemsPath": "$.l", "ItemProcessor": inner, "ResultPath": "$.inner"},
        B={"Type": "Pass", "Parameters": {"outer.$": "$v", "inner.$": "$.inner"}},
    )
    assert run(definition, {"l": [0]}).output == {"outer": 1, "inner": [{"v": 2}]}


def test_iterations_start_with_the_outer_variables() -> None:
    processor = chain(
        X={"Type": "Pass", "Assign": {"twice.$": "States.MathAdd($, $)"}},
        Y={"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($twice, $base)"}},
    )
    definition = chain(
        A={"Type": "Pass", "Assign": {"base": 100}}, M={"Type": "Map", "ItemsPath": "$.l", "ItemProcessor": processor}
    )
    assert run(definition, {"l": [1, 2]}).output == [{"sum": 102}, {"sum": 104}]


def test_child_executions_start_without_variables() -> None:
    """Source: AWS docs: a distributed Map's processor cannot refer to variables of outer scopes."""
    processor = {**DISTRIBUTED, **chain(X={"Type": "Pass", "Assign": {"own": 1}})}
    definition = chain(
        A={"Type": "Pass", "Assign": {"outer": 1}}, M={"Type": "Map", "ItemsPath": "$.l", "ItemProcessor": processor}
    )
    ended = run(definition, {"l": [1]})
    assert visit(ended, "X").variables == {}
    assert visit(ended, "M").variables == {"outer": 1}


# what fails


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Parameters": {"x.$": "$gone"}},
        {"Type": "Pass", "InputPath": "$gone"},
        {"Type": "Pass", "Assign": {"x.$": "$gone"}},
        {"Type": "Pass", "Assign": {"x.$": "$.gone"}},
        {"Type": "Wait", "SecondsPath": "$gone"},
    ],
    ids=["Parameters", "InputPath", "Assign", "Assign from the input", "SecondsPath"],
)
def test_a_variable_that_no_path_has_assigned_fails_the_state(state: dict[str, Any]) -> None:
    """The name is known to the definition, but the way taken does not assign it."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.skip", "IsPresent": True, "Next": "B"}], "Default": "S"}
    definition = chain(S={"Type": "Pass", "Assign": {"gone": 1}}, B=state)
    definition["States"]["C"] = choice
    definition["StartAt"] = "C"
    ended = run(definition, {"skip": 1})
    assert (ended.status, ended.error) == (ExecutionStatus.FAILED, "States.Runtime")


def test_an_execution_can_start_with_variables() -> None:
    machine = definition_from(chain(A={"Type": "Pass", "Assign": {"w": 0}}, B=show("w")))
    execution = start(machine, {}, begin(PASS_ONLY).settings, variables={"v": 1})
    assert execution.branches[()].variables == {"v": 1}
    ended = finish(execution)
    assert (visit(ended, "A").variables, ended.output) == ({"v": 1}, {"w": 0})


PASS_ONLY: dict[str, Any] = one(PASS)


def test_variables_that_are_too_large() -> None:
    """Source: service quotas: 256 KiB for one Assign."""
    state = {"Type": "Pass", "Assign": {"v.$": "States.Array($.a, $.a)"}}
    ended = run(chain(A=state, B=PASS), {"a": "x" * 200_000})
    assert ended.error == "States.DataLimitExceeded"
    kept = {"Type": "Pass", "Assign": {"v.$": "$.a"}}
    assert run(chain(A=kept, B={"Type": "Pass", "Parameters": {}}), {"a": "x" * 200_000}).output == {}
