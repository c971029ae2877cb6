"""`simulate`: who answers, what it starts with, how it ends."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

import sfdebug
from sfdebug.engine import Settings, step
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.errors import DefinitionError, InputError, UnansweredTaskError, UsageError
from sfdebug.simulation import EndlessExecutionError, simulate
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.handler import FirstAnswer

RESOURCE = "arn:aws:states:::lambda:invoke"
CHARGE: dict[str, Any] = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": RESOURCE,
            "Retry": [{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 3}],
            "End": True,
        }
    },
}
PASS: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def test_is_the_package_s_own() -> None:
    assert sfdebug.simulate is simulate


@pytest.mark.parametrize("given", [PASS, json.dumps(PASS)])
def test_definitions_in_any_form(given: Any) -> None:
    assert simulate(given, {"a": 1}).output == {"a": 1}


def test_a_definition_file(tmp_path: Path) -> None:
    path = tmp_path / "a.asl.json"
    path.write_text(json.dumps(PASS))
    assert simulate(path).machine.name == str(path)
    assert simulate(str(path)).output == {}


def test_input_is_an_empty_object_unless_given() -> None:
    assert simulate(PASS).output == {}
    assert simulate(PASS, None).output is None
    assert simulate(PASS, 0).output == 0


def test_functions_are_asked_again_for_each_attempt() -> None:
    def charge(order: Any, request: Any) -> Any:
        if request.attempt < 3:
            raise ConnectionError("the bank does not answer")
        return {"charged": order["amount"], "invocation": request.invocation}

    execution = simulate(CHARGE, {"amount": 5}, FunctionTasks({"Charge": charge}))
    assert execution.output == {"charged": 5, "invocation": 2}
    assert execution.clock == 8_000
    assert [event["type"] for event in execution.history].count("TaskFailed") == 2


def test_failures_end_the_execution_and_are_no_exceptions() -> None:
    tasks = FunctionTasks(by_resource={RESOURCE: lambda _: TaskFailure("CardDeclined", "no funds")})
    execution = simulate(CHARGE, tasks=tasks)
    assert (str(execution.status), execution.error, execution.cause) == ("FAILED", "CardDeclined", "no funds")


def test_virtual_time_of_an_answer() -> None:
    tasks = FunctionTasks(by_resource={RESOURCE: lambda _: TaskResult(1, after_seconds=90)})
    assert simulate(CHARGE, tasks=tasks).clock == 90_000


def test_execution_type() -> None:
    definition = {
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id"}, "End": True}},
    }
    express = simulate(definition, execution_type="EXPRESS").output
    assert isinstance(express, dict)
    assert ":express:" in str(express["id"])


@pytest.mark.parametrize("tasks", [None, FunctionTasks(), FirstAnswer(FunctionTasks({"Other": lambda _: 1}))])
def test_a_task_that_nobody_answers(tasks: Any) -> None:
    with pytest.raises(UnansweredTaskError) as caught:
        simulate(CHARGE, tasks=tasks)
    error = caught.value
    assert "'Charge'" in error.what
    assert RESOURCE in error.what
    assert error.fix.count("\n") == 4
    for way in (
        "--mocks",
        "--function NAME=FILE:HANDLER; --real",
        "FunctionTasks({'Charge': function})",
        "sfdebug FILE",
    ):
        assert way in error.fix


def test_the_first_task_that_waits_is_named() -> None:
    branch = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": RESOURCE, "End": True}}}
    other = {"StartAt": "U", "States": {"U": {"Type": "Task", "Resource": RESOURCE, "End": True}}}
    definition = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch, other], "End": True}}}
    with pytest.raises(UnansweredTaskError, match="'U'"):
        simulate(definition, tasks=FunctionTasks({"T": lambda _: 1}))


def test_an_endless_execution() -> None:
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Next": "B"},
            "B": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.stop", "IsPresent": True, "Next": "C"}],
                "Default": "A",
            },
            "C": {"Type": "Succeed"},
        },
    }
    with pytest.raises(EndlessExecutionError, match="has entered 11 states and is not over"):
        simulate(definition, execution_type="EXPRESS", max_transitions=10)
    # A Standard execution ends by itself, at AWS's limit of 25,000 events.
    execution = simulate(definition)
    assert str(execution.status) == "FAILED"
    assert len(execution.events) == 25_000


def test_an_invalid_definition() -> None:
    with pytest.raises(DefinitionError):
        simulate({"StartAt": "A", "States": {}})


def test_an_endless_execution_is_kept_as_far_as_it_came() -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}
    with pytest.raises(EndlessExecutionError) as caught:
        simulate({"StartAt": "A", "States": states}, max_transitions=0)
    assert str(caught.value.execution.status) == "RUNNING"
    assert [event["type"] for event in caught.value.execution.history][:2] == ["ExecutionStarted", "PassStateEntered"]


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 2, "Next": "Z"}], "Default": "A"},
        {"Type": "Pass", "Parameters": {"a.$": "States.Format('{}', $.b[?(@.c > 1)])"}, "Next": "A"},
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% {'a': $states.input.a + 1} %}", "Next": "A"},
    ],
)
def test_an_execution_is_pickled_and_copied_with_what_it_runs(state: dict[str, Any]) -> None:
    """Compiled expressions are closures: a copy compiles its own, and goes on."""
    definition = {"StartAt": "A", "States": {"A": state, "Z": {"Type": "Succeed"}}}
    with pytest.raises(EndlessExecutionError) as caught:
        simulate(definition, {"a": 1, "b": [{"c": 2}]}, max_transitions=5)
    for copied in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        assert str(copied) == str(caught.value)
        assert copied.execution.history == caught.value.execution.history
        assert len(step(copied.execution).decisions) == len(caught.value.execution.decisions) + 1


def test_the_start_is_fixed_unless_given() -> None:
    state = {"Type": "Pass", "Parameters": {"at.$": "$$.Execution.StartTime"}, "End": True}
    definition = {"StartAt": "A", "States": {"A": state}}
    assert simulate(definition).output == {"at": "2025-01-01T00:00:00.000Z"}
    assert simulate(definition, settings=Settings(start_time=0)).output == {"at": "1970-01-01T00:00:00.000Z"}


def test_an_execution_type_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="no execution type 'express'"):
        simulate(PASS, execution_type="express")
    with pytest.raises(UsageError, match="STANDARD or EXPRESS"):
        simulate(PASS, settings=Settings(execution_type=""))


def test_what_no_express_workflow_may_have_is_refused_there_alone() -> None:
    callback = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": callback, "End": True}}}
    tasks = FunctionTasks({"A": lambda _: 1})
    assert simulate(machine, tasks=tasks).output == 1
    with pytest.raises(DefinitionError, match="waitForTaskToken"):
        simulate(machine, tasks=tasks, execution_type="EXPRESS")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (object(), r"has a object at \$"),
        ({"a": [1, (2,)]}, r"has a tuple at \$\.a\[1\]"),
        ({1: 2}, "has the key 1"),
        (float("nan"), "has nan"),
        ("x" * 262_143, "has 262,145 bytes, and AWS accepts no more than 262,144"),
    ],
)
def test_an_input_that_start_execution_would_not_take(given: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        simulate(PASS, given)


def test_an_input_that_holds_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InputError, match="holds itself"):
        simulate(PASS, endless)


def test_the_largest_input() -> None:
    assert str(simulate(PASS, "x" * 262_142).status) == "SUCCEEDED"


READER: dict[str, Any] = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "b", "Key": "k"},
}


def _distributed(**fields: Any) -> dict[str, Any]:
    work = {"Type": "Task", "Resource": RESOURCE, "End": True}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "Work", "States": {"Work": work}}
    return {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}}


def test_a_dataset_that_nobody_gives_is_called_so() -> None:
    with pytest.raises(UnansweredTaskError) as caught:
        simulate(_distributed(ItemReader=READER), tasks=FunctionTasks({"Work": lambda item: item}))
    text = str(caught.value)
    assert "the Map 'All' asks for its items" in text
    assert "--s3 DIR" in text
    assert "sfdebug.LocalFiles" in text


def test_a_state_machine_that_nobody_gives_can_be_given() -> None:
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    with pytest.raises(UnansweredTaskError, match="--nested NAME=FILE, or tasks=sfdebug"):
        simulate({"StartAt": "A", "States": {"A": {**start, "Parameters": {"StateMachineArn": "B"}}}})


def test_a_function_for_resources_answers_tasks_and_no_map_run() -> None:
    doubles = FunctionTasks(by_resource={"*": lambda item: item * 2})
    assert simulate(_distributed(), [1, 2], doubles).output == [2, 4]
    with pytest.raises(UnansweredTaskError):
        simulate(_distributed(ItemReader=READER), tasks=doubles)


def test_a_function_for_a_map_gives_its_dataset_or_its_whole_result() -> None:
    def read(arguments: Any) -> sfdebug.Dataset:
        assert arguments == {"Bucket": "b", "Key": "k"}
        return sfdebug.Dataset(content=b"[1, 2]")

    tasks = {"All": read, "Work": lambda item: item * 2}
    assert simulate(_distributed(ItemReader=READER), tasks=FunctionTasks(tasks)).output == [2, 4]
    assert simulate(_distributed(), [1], FunctionTasks({"All": lambda items: ["whole", *items]})).output == ["whole", 1]


def test_a_dataset_where_nothing_is_read_is_refused() -> None:
    tasks = FunctionTasks({"All": lambda _: sfdebug.Dataset(items=(1,)), "Charge": lambda _: sfdebug.Dataset(items=())})
    for machine in (_distributed(ItemsPath="$.items"), CHARGE):
        with pytest.raises(UsageError, match="has no ItemReader"):
            simulate(machine, {"items": [1]}, tasks)


def test_a_dataset_of_what_is_no_json_is_refused() -> None:
    tasks = FunctionTasks({"All": lambda _: sfdebug.Dataset(items=({1},))})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="has a set"):
        simulate(_distributed(ItemReader=READER), tasks=tasks)


@pytest.mark.parametrize("tasks", [{"Charge": lambda _: 1}, lambda _: 1, 5])
def test_what_is_no_task_handler_is_refused(tasks: Any) -> None:
    with pytest.raises(UsageError, match="FunctionTasks"):
        simulate(CHARGE, tasks=tasks)


def test_what_is_no_answer_is_refused() -> None:
    class Plain:
        def answer(self, request: Any) -> Any:
            return {"charged": request.input}

    with pytest.raises(UsageError, match="the answer for 'Charge' is a dict"):
        simulate(CHARGE, tasks=Plain())


@pytest.mark.parametrize("settings", [3, Settings(start_time="x"), Settings(seed=True), Settings(context=3)])  # type: ignore[arg-type]
def test_settings_that_are_none(settings: Any) -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    for run in (sfdebug.simulate, sfdebug.Debugger):
        with pytest.raises(UsageError, match=r"no Settings|the setting "):
            run(definition, settings=settings)
    with pytest.raises(UsageError):
        sfdebug.StateMachines({"A": definition}, settings=settings)


def test_a_bound_that_is_no_number() -> None:
    with pytest.raises(UsageError, match="max_transitions is a whole number, not a str"):
        simulate({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}, max_transitions="x")  # type: ignore[arg-type]
