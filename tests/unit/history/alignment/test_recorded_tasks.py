"""RecordedTasks: the answers that a recorded history gives, and what it can say of a Map Run."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug import FunctionTasks, RecordedTasks, simulate
from sfdebug.asl.load import definition_from
from sfdebug.engine import Execution, ExecutionStatus, start, step
from sfdebug.engine.execution.decisions import (
    Answer,
    AnswerTask,
    Proceed,
    Provenance,
    StopExecution,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.engine.execution.visit import StageName, TaskRequest
from sfdebug.errors import UnansweredTaskError, UsageError
from sfdebug.values import Json, compact

TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "b", "Key": "k"},
}


def _machine(**fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Work",
        "States": {"Work": TASK},
    }
    return {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}}


def _history(output: Json) -> list[dict[str, Any]]:
    kinds: list[tuple[str, int, dict[str, Any]]] = [
        ("ExecutionStarted", 0, {"executionStartedEventDetails": {"input": "{}"}}),
        ("MapStateEntered", 0, {"stateEnteredEventDetails": {"name": "All", "input": "{}"}}),
        ("MapStateStarted", 2, {"mapStateStartedEventDetails": {"length": 0}}),
        ("MapRunStarted", 3, {"mapRunStartedEventDetails": {"mapRunArn": "arn"}}),
        ("MapRunSucceeded", 4, {}),
        ("MapStateSucceeded", 5, {}),
        ("MapStateExited", 5, {"stateExitedEventDetails": {"name": "All", "output": compact(output)}}),
        ("ExecutionSucceeded", 7, {"executionSucceededEventDetails": {"output": compact(output)}}),
    ]
    return [
        {"id": number, "previousEventId": previous, "type": kind, **details}
        for number, (kind, previous, details) in enumerate(kinds, 1)
    ]


@pytest.mark.parametrize(
    ("fields", "output", "result"),
    [
        ({}, [1, 2], [1, 2]),
        ({"ResultPath": "$.done"}, {"done": [3]}, [3]),
        ({"ResultPath": None}, {}, None),
        ({"QueryLanguage": "JSONata"}, [1], [1]),
        ({"QueryLanguage": "JSONata", "Output": {"n": 1}}, {"n": 1}, None),
    ],
)
def test_the_result_of_a_map_run_is_worked_out_from_its_states_output(
    fields: dict[str, Any], output: Json, result: Json
) -> None:
    arguments = (
        {"Arguments": READER["Parameters"]} if "QueryLanguage" in fields else {"Parameters": READER["Parameters"]}
    )
    reader = {key: value for key, value in READER.items() if key != "Parameters"} | arguments
    run = simulate(_machine(ItemReader=reader, **fields), tasks=RecordedTasks(_history(output)))
    assert run.output == output
    stage = next(stage for stage in run.visits[0].stages if stage.name is StageName.MAP_RUN)
    assert stage.after == result
    assert stage.provenance is Provenance.RECORDED
    assert [event.type for event in run.events] == [event["type"] for event in _history(output)]


def test_a_result_that_the_states_fields_hide_is_not_made_up() -> None:
    machine = _machine(ItemReader=READER, ResultSelector={"n.$": "$[0]"})
    with pytest.raises(UnansweredTaskError, match="All"):
        simulate(machine, tasks=RecordedTasks(_history({"n": 1})))


def test_a_failed_map_run_fails_with_the_recorded_error() -> None:
    history = _history([])[:4]
    failed = {"error": "States.ItemReaderFailed", "cause": "no such key"}
    history += [
        {"id": 5, "previousEventId": 4, "type": "MapRunFailed", "mapRunFailedEventDetails": failed},
        {"id": 6, "previousEventId": 5, "type": "MapStateFailed"},
        {"id": 7, "previousEventId": 6, "type": "ExecutionFailed", "executionFailedEventDetails": failed},
    ]
    run = simulate(_machine(ItemReader=READER), tasks=RecordedTasks(history))
    assert (run.error, run.cause) == ("States.ItemReaderFailed", "no such key")
    assert [event.type for event in run.events] == [event["type"] for event in history]


def test_child_executions_without_tasks_are_run_and_not_taken_on_trust() -> None:
    machine = _machine()
    machine["States"]["All"]["ItemProcessor"]["States"]["Work"] = {"Type": "Pass", "Result": "x", "End": True}
    run = simulate(machine, ["a"], tasks=RecordedTasks(_history(["recorded"])))
    assert run.output == ["x"]
    assert len(run.ended_children) == 1


def test_a_recorded_stop_stops_the_run_at_the_same_event() -> None:
    machine = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}
    recorded = [event.as_dict() for event in simulate(machine).events][:2]
    stopped: dict[str, Json] = {"error": "Enough", "cause": "by hand"}
    aborted: dict[str, Json] = {"id": 3, "previousEventId": 0, "type": "ExecutionAborted"}
    recorded.append(aborted | {"executionAbortedEventDetails": stopped})
    run = simulate(machine, tasks=RecordedTasks(recorded))
    assert (str(run.status), run.error, run.cause) == ("ABORTED", "Enough", "by hand")
    assert [event.type for event in run.events] == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]


def _map_of_tasks(**fields: Any) -> dict[str, Any]:
    processor = {"StartAt": "Work", "States": {"Work": TASK}}
    return {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}}


def _later_for_the_first(item: int) -> TaskResult:
    return TaskResult(f"result {item}", after_seconds=10 - item)


def test_attempts_that_end_out_of_order_keep_their_own_answers() -> None:
    recorded = simulate(_map_of_tasks(), [1, 2, 3], FunctionTasks({"Work": _later_for_the_first}))
    ends = [event["lambdaFunctionSucceededEventDetails"] for event in _of(recorded, "LambdaFunctionSucceeded")]
    assert [end["output"] for end in ends] == ['"result 3"', '"result 2"', '"result 1"']
    run = simulate(_map_of_tasks(), [1, 2, 3], RecordedTasks(recorded.history))
    assert run.output == ["result 1", "result 2", "result 3"]


def test_iterations_that_try_again_in_another_order_keep_their_own_attempts() -> None:
    """On the recorded clock the second item's retry comes before the first one's: a replay has no such clock."""
    retried = {**TASK, "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 1, "MaxAttempts": 2}]}
    machine = _map_of_tasks()
    machine["States"]["Each"]["ItemProcessor"]["States"]["Work"] = retried

    def work(item: int, request: TaskRequest) -> Answer:
        if request.attempt < 2:
            return TaskFailure("E", f"cause of {item}", after_seconds=10 - item)
        return TaskResult(f"result {item}")

    recorded = simulate(machine, [1, 2, 3], FunctionTasks({"Work": work}))
    run = simulate(machine, [1, 2, 3], RecordedTasks(recorded.history))
    assert run.output == recorded.output == ["result 1", "result 2", "result 3"]
    causes = [event["lambdaFunctionFailedEventDetails"]["cause"] for event in _of(run, "LambdaFunctionFailed")]
    assert causes == ["cause of 1", "cause of 2", "cause of 3"]


def test_one_iteration_at_a_time_and_a_map_in_a_map() -> None:
    inner = _map_of_tasks()["States"]["Each"]
    processor = {"StartAt": "Inner", "States": {"Inner": inner}}
    outer = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}
    machine = {"StartAt": "Outer", "States": {"Outer": outer}}
    tasks = FunctionTasks({"Work": lambda item: TaskResult(f"result {item}", after_seconds=10 - item)})
    recorded = simulate(machine, [[1, 2], [3, 4]], tasks)
    run = simulate(machine, [[1, 2], [3, 4]], RecordedTasks(recorded.history))
    assert run.output == recorded.output == [["result 1", "result 2"], ["result 3", "result 4"]]


def test_a_map_that_runs_again_goes_by_the_order_of_its_calls() -> None:
    machine = _map_of_tasks(MaxConcurrency=1, Retry=[{"ErrorEquals": ["E"]}])

    def work(item: int, request: TaskRequest) -> Answer:
        return TaskFailure("E") if request.invocation == 1 else TaskResult(item * 10 + request.invocation)

    recorded = simulate(machine, [1, 2], FunctionTasks({"Work": work}))
    run = simulate(machine, [1, 2], RecordedTasks(recorded.history))
    assert run.output == recorded.output == [12, 23]


def _of(run: Execution, kind: str) -> list[dict[str, Any]]:
    return [event for event in run.history if event["type"] == kind]


CALLBACK = {**TASK, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q"}}
SIDE_BY_SIDE = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Slow", "States": {"Slow": CALLBACK}},
                {"StartAt": "Fails", "States": {"Fails": TASK}},
            ],
            "End": True,
        }
    },
}


def test_a_task_that_its_siblings_failure_aborted_has_no_answer_to_wait_for() -> None:
    tasks = FunctionTasks({"Slow": lambda _: TaskSilence(), "Fails": lambda _: TaskFailure("E", "c", after_seconds=3)})
    recorded = simulate(SIDE_BY_SIDE, tasks=tasks)
    assert "TaskSucceeded" not in {event["type"] for event in recorded.history}
    run = simulate(SIDE_BY_SIDE, tasks=RecordedTasks(recorded.history))
    assert (run.error, run.cause) == ("E", "c")
    assert [event["type"] for event in run.history] == [event["type"] for event in recorded.history]


def test_a_task_under_way_when_the_execution_was_stopped_is_silent_until_then() -> None:
    machine = {"StartAt": "Slow", "States": {"Slow": CALLBACK}}
    silent = step(step(step(start(definition_from(machine), {})), Proceed()), AnswerTask((), TaskSilence()))
    recorded = step(silent, StopExecution("Enough"))
    assert recorded.status is ExecutionStatus.ABORTED
    run = simulate(machine, tasks=RecordedTasks(recorded.history))
    assert (run.status, run.error) == (ExecutionStatus.ABORTED, "Enough")
    assert [event["type"] for event in run.history] == [event["type"] for event in recorded.history]


def test_a_history_of_an_execution_that_still_runs_does_not_answer_for_what_is_to_come() -> None:
    machine = {"StartAt": "Slow", "States": {"Slow": CALLBACK}}
    running = step(step(start(definition_from(machine), {})), Proceed())
    with pytest.raises(UnansweredTaskError):
        simulate(machine, tasks=RecordedTasks(running.history))


@pytest.mark.parametrize("output", [None, '{"cut": "sho'])
def test_an_output_that_the_history_does_not_have_is_not_taken_for_null(output: str | None) -> None:
    machine = {"StartAt": "Work", "States": {"Work": TASK}}
    events = simulate(machine, tasks=FunctionTasks({"Work": lambda _: 1})).history
    details = next(event for event in events if event["type"] == "LambdaFunctionSucceeded")
    details["lambdaFunctionSucceededEventDetails"] = {} if output is None else {"output": output}
    with pytest.raises(UnansweredTaskError):
        simulate(machine, tasks=RecordedTasks(events))


def test_an_event_that_follows_a_missing_one_answers_nobody() -> None:
    machine = {"StartAt": "Work", "States": {"Work": TASK}}
    events = simulate(machine, tasks=FunctionTasks({"Work": lambda _: 1})).history
    with pytest.raises(UnansweredTaskError):
        simulate(machine, tasks=RecordedTasks([event for event in events if event["type"] != "TaskStateEntered"]))


def test_a_history_in_reverse_order_is_the_same_history() -> None:
    machine = {"StartAt": "Work", "States": {"Work": TASK}}
    events = simulate(machine, tasks=FunctionTasks({"Work": lambda _: {"n": 1}})).history
    assert simulate(machine, tasks=RecordedTasks(events[::-1])).output == {"n": 1}


@pytest.mark.parametrize("events", [None, 1, "events", {"events": []}, [1], [{}], [{"type": "TaskSucceeded"}]])
def test_what_is_no_history_is_refused_with_what_to_give(events: Any) -> None:
    with pytest.raises(UsageError, match="GetExecutionHistory"):
        RecordedTasks(events)


def _chained(*events: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Events that follow one another, each a type and its details."""
    made: list[dict[str, Any]] = []
    for number, (kind, details) in enumerate(events, 1):
        key = "stateEnteredEventDetails" if kind == "TaskStateEntered" else f"{kind[0].lower()}{kind[1:]}EventDetails"
        made.append({"id": number, "previousEventId": number - 1, "type": kind, key: details})
    return made


ENTERED = ("TaskStateEntered", {"name": "Work", "input": "{}"})
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:a"
TIMED_OUT = {"error": "States.Timeout"}
REFUSED = {"error": "SQS.QueueDoesNotExistException", "cause": "no such queue"}


@pytest.mark.parametrize(
    ("state", "events"),
    [
        (
            {**TASK, "Resource": ACTIVITY, "TimeoutSeconds": 5},
            [("ActivityScheduled", {}), ("ActivityTimedOut", TIMED_OUT)],
        ),
        (
            {**TASK, "Resource": ACTIVITY, "TimeoutSeconds": 5},
            [("ActivityScheduled", {}), ("ActivityStarted", {"workerName": "w"}), ("ActivityTimedOut", TIMED_OUT)],
        ),
        (CALLBACK, [("TaskScheduled", {}), ("TaskStarted", {}), ("TaskSubmitFailed", REFUSED)]),
        (CALLBACK, [("TaskScheduled", {}), ("TaskStarted", {}), ("TaskFailed", REFUSED)]),
        (CALLBACK, [("TaskScheduled", {}), ("TaskStarted", {}), ("TaskSubmitted", {}), ("TaskFailed", REFUSED)]),
    ],
    ids=["nobody took the activity", "taken", "refused", "failed at once", "submitted"],
)
def test_how_a_task_began_is_as_recorded(state: dict[str, Any], events: list[tuple[str, dict[str, Any]]]) -> None:
    recorded = _chained(("ExecutionStarted", {}), ENTERED, *events, ("ExecutionFailed", events[-1][1]))
    run = simulate({"StartAt": "Work", "States": {"Work": state}}, tasks=RecordedTasks(recorded))
    assert [event["type"] for event in run.history] == [event["type"] for event in recorded]
    assert run.error == events[-1][1]["error"]


def test_a_timeout_that_the_service_reports_does_not_wait_for_one_of_step_functions() -> None:
    reported = {"error": "States.Timeout", "cause": "the service gave up"}
    events = [("LambdaFunctionScheduled", {}), ("LambdaFunctionStarted", {}), ("LambdaFunctionTimedOut", reported)]
    recorded = _chained(("ExecutionStarted", {}), ENTERED, *events, ("ExecutionFailed", reported))
    run = simulate({"StartAt": "Work", "States": {"Work": TASK}}, tasks=RecordedTasks(recorded))
    assert (run.error, run.cause, run.clock) == ("States.Timeout", "the service gave up", 0)
    assert [event["type"] for event in run.history] == [event["type"] for event in recorded]
