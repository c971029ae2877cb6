"""Replaying a recording under a definition: the same, and where a changed definition parts from it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.engine import Program, Settings, start, step
from sfdebug.engine.execution.decisions import (
    Answer,
    Proceed,
    Provenance,
    StopExecution,
    Submission,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import UsageError
from sfdebug.history.recording import ExecutionInfo, RecordingError
from sfdebug.history.replay.event_comparison import Difference, Rules
from sfdebug.history.replay.nondeterminism import Shadows
from sfdebug.history.replay.replay import Replay, replay, settings_of
from sfdebug.history.verification.verdict import VerificationStatus, verify
from tests.history_runs import ORDER, changed, read_back, recorded, recording


def answers(request: TaskRequest) -> Answer:
    if request.attempt < 3:
        return TaskFailure("Busy", "again", after_seconds=0.5)
    return TaskResult({"Payload": {"n": request.input["Payload"]["n"]}}, after_seconds=1)  # type: ignore[call-overload,index]


def run_again(definition: Any, n: int = 7, rules: Rules | None = None) -> Replay:
    return replay(definition_from(definition), recording(ORDER, {"n": n}, answers, name="e"), rules=rules)


def first(found: Replay) -> Difference:
    assert found.differences
    return found.differences[0]


def test_the_same_definition_gives_the_same_execution() -> None:
    found = run_again(ORDER)
    assert found.is_identical
    assert found.divergence is None
    assert found.events_followed == len(found.recording.events)
    assert found.execution.history == [
        event | {"executionStartedEventDetails": recorded(ORDER, {"n": 7}, answers)[0]["executionStartedEventDetails"]}
        if event["id"] == 1
        else event
        for event in found.recording.history
    ]


def test_the_decisions_make_the_same_executions_again() -> None:
    found = run_again(ORDER)
    executions = list(found.executions())
    assert executions[-1].history == found.execution.history
    execution = found.start
    for decision in found.decisions:
        execution = step(execution, decision)
    assert execution.history == found.execution.history
    assert found.reached_after[0] == 0
    assert found.reached_after[len(found.recording.events) - 1] == len(found.decisions)


@pytest.mark.parametrize(
    ("place", "value", "event_type", "field", "words"),
    [
        ("Fetch/ResultPath", "$.fetched", "TaskStateExited", "output",
         'the recorded value of $.got stands at $.fetched: ResultPath as defined is "$.fetched"'),
        ("Fetch/ResultSelector", {"n.$": "$.Payload.n", "x": 1}, "TaskStateExited", "output",
         'computed has 1 at $.got.x: ResultSelector as defined is {"n.$": "$.Payload.n", "x": 1}'),
        ("Fetch/Parameters/FunctionName", "other", "TaskScheduled", "parameters",
         'Parameters as defined is {"FunctionName"'),
        ("Fetch/Parameters", {"FunctionName": "f" * 90, "Payload": {"n.$": "$.n"}}, "TaskScheduled", "parameters",
         'Parameters as defined has "FunctionName": "ffff'),
        ("Fetch/Parameters", {"Payload": {"n.$": "$.n"}, "Qualifier": "q" * 90}, "TaskScheduled", "parameters",
         'Parameters as defined has no "FunctionName"'),
        ("Fetch/ResultSelector", {"n.$": "States.MathAdd($.Payload.n, 1)", "x": "x" * 90}, "TaskStateExited", "output",
         'ResultSelector as defined has "n.$": "States.MathAdd($.Payload.n, 1)"'),
        ("Fetch/TimeoutSeconds", 50, "TaskScheduled", "timeoutInSeconds", "recorded timeoutInSeconds has 60"),
        ("Fetch/TimeoutSeconds", None, "TaskScheduled", "timeoutInSeconds", "computed has no $"),
        ("Fetch/Resource", "arn:aws:states:::sqs:sendMessage", "TaskScheduled", "resourceType", '"lambda" at $'),
        ("Fetch/Retry/0/IntervalSeconds", 9, "TaskScheduled", "timestamps", "the delay of 'Fetch' ended 7 s earlier"),
        ("Fetch/Retry", None, "TaskScheduled", "type", "'Fetch' fails with Busy: again"),
        ("Big?/Choices/0/NumericGreaterThan", 10, "WaitStateEntered", "type",
         "so its Default is taken: 7 > 10 is false"),
        ("Nap/Seconds", 100, "WaitStateExited", "timestamps", "the wait of 'Nap' ended 90 s earlier"),
        ("Nap/Next", "Big?", "PassStateEntered", "type", "'Nap' leads to 'Big?'"),
        ("Sum/ResultPath", None, "PassStateExited", "output", "computed has no $.n: ResultPath is not defined"),
    ],
)  # fmt: skip
def test_what_a_changed_definition_changes(place: str, value: Any, event_type: str, field: str, words: str) -> None:
    difference = first(run_again(changed(place, value)))
    assert (difference.event_type, difference.field) == (event_type, field)
    assert words in difference.explanation


def test_one_difference_does_not_hide_the_next() -> None:
    definition = changed("Fetch/ResultSelector", {"n.$": "$.Payload.n", "x": 1})
    definition["States"]["Sum"]["Parameters"] = {"every.$": "$"}
    found = run_again(definition)
    assert [(one.event_type, one.pointer) for one in found.differences if not one.is_carried] == [
        ("TaskStateExited", "/got/x"),
        ("PassStateExited", "/total/all"),
        ("PassStateExited", "/total/every"),
    ]
    carried = [one for one in found.differences if one.is_carried]
    assert {one.pointer for one in carried} == {"/got/x", "/total/all", "/total/every"}
    assert carried[0].event_type == "ChoiceStateEntered"
    assert found.divergence is None


def test_where_the_paths_part_the_replay_says_so_and_can_go_on_alone() -> None:
    found = run_again(changed("Big?/Choices/0/NumericGreaterThan", 10))
    divergence = found.divergence
    assert divergence is not None
    assert (divergence.recorded, divergence.computed) == ("WaitStateEntered Nap", "PassStateEntered Sum")
    execution = found.execution
    while str(execution.status) == "RUNNING":
        execution = step(execution)
    assert str(execution.status) == "SUCCEEDED"


def test_a_recorded_event_has_its_computed_one_as_far_as_the_replay_came() -> None:
    found = run_again(changed("Big?/Choices/0/NumericGreaterThan", 10))
    last = len(found.recording.events) - 1
    assert found.computed[1].details is not None
    assert found.computed[1].details["input"] == found.recording.events[1].payload("input")
    assert last not in found.computed
    other = run_again(changed("Fetch/ResultPath", "$.fetched"))
    exit_id = next(event.id for event in other.recording.events if event.type == "TaskStateExited")
    assert (exit_id, "output") in {(one.event_id, one.field) for one in other.differences}


def test_a_task_that_took_longer_than_the_new_limit_times_out() -> None:
    slow = recording(ORDER, {"n": 7}, lambda _: TaskResult({"Payload": {"n": 7}}, after_seconds=30))
    rules = Rules(frozenset({"timeoutInSeconds"}))
    assert replay(definition_from(changed("Fetch/TimeoutSeconds", 31)), slow, rules=rules).is_identical
    assert replay(definition_from(changed("Fetch/TimeoutSeconds", 29)), slow, rules=rules).is_identical  # AWS's slack
    difference = first(replay(definition_from(changed("Fetch/TimeoutSeconds", 20)), slow, rules=rules))
    assert (difference.recorded, difference.computed) == ("TaskSucceeded", "TaskTimedOut")


def test_rules() -> None:
    slower = changed("Nap/Seconds", 100)
    assert run_again(slower, rules=Rules(frozenset({"timestamps"}))).is_identical
    assert not run_again(slower, rules=Rules(tolerance_seconds=90)).is_identical
    assert run_again(slower, rules=Rules(early_seconds=90)).is_identical
    other = changed("Fetch/ResultPath", "$.fetched")
    assert run_again(other, rules=Rules(frozenset({"/fetched", "/got", "/total"}))).differences[0].field == "type"
    with pytest.raises(UsageError, match="'outputs' is nothing"):
        Rules(frozenset({"outputs"}))


RANDOM: dict[str, Any] = {
    "StartAt": "Make",
    "States": {
        "Make": {
            "Type": "Pass",
            "Parameters": {"id.$": "States.UUID()", "who.$": "$$.Execution.Name", "at.$": "$$.State.EnteredTime"},
            "Next": "Small?",
        },
        "Small?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.id", "StringLessThan": "8", "Next": "Use"}],
            "Default": "Other",
        },
        "Use": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"token.$": "$$.Task.Token", "key.$": "States.Format('k-{}', $.id)"},
            "End": True,
        },
        "Other": {"Type": "Pass", "End": True},
    },
}


@pytest.mark.parametrize("seed", range(8))
def test_what_aws_makes_up_is_taken_over(seed: int) -> None:
    """The Choice after the UUID goes the recorded way, whatever UUID the replay would draw."""
    made = recording(RANDOM, {}, lambda _: TaskResult("done"), name="friday", seed=seed)
    settings = replace(settings_of(made), seed=100 - seed)
    found = replay(definition_from(RANDOM), made, settings=settings)
    assert found.is_identical, found.differences[0]
    exit_id = next(event.id for event in made.events if event.type == "PassStateExited")
    assert (exit_id, "output") in found.accepted
    edited = next(visit for visit in found.execution.visits if visit.edited)
    assert edited.stages[0].provenance is Provenance.RECORDED
    strict = replay(definition_from(RANDOM), made, settings=settings, rules=Rules(strict=True))
    assert {difference.pointer for difference in strict.differences} >= {"/id", "/who"}


def test_a_random_number_excuses_no_other_one() -> None:
    definition = {
        "StartAt": "Draw",
        "States": {
            "Draw": {"Type": "Pass", "Parameters": {"r.$": "States.MathRandom(1, 1000)", "n.$": "$.n"}, "Next": "Add"},
            "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)", "r.$": "$.r"}, "End": True},
        },
    }
    made = recording(definition, {"n": 1})
    settings = replace(settings_of(made), seed=5)
    assert replay(definition_from(definition), made, settings=settings).is_identical
    definition["States"]["Add"]["Parameters"]["n.$"] = "States.MathAdd($.n, 2)"  # type: ignore[index]
    difference, end = replay(definition_from(definition), made, settings=settings).differences
    assert end.is_carried
    assert (difference.state, difference.pointer, difference.recorded, difference.computed) == ("Add", "/n", 2, 3)


def test_settings_come_from_the_recording() -> None:
    facts = ExecutionInfo(
        arn="arn:aws:states:eu-west-1:111122223333:execution:Orders:march",
        name="march",
        state_machine_arn="arn:aws:states:eu-west-1:111122223333:stateMachine:Orders",
        region="eu-west-1",
        account="111122223333",
        role_arn="arn:aws:iam::111122223333:role/r",
    )
    made = replace(recording(ORDER, {"n": 1}, answers), facts=facts)
    assert settings_of(made) == Settings(
        name="march",
        state_machine_name="Orders",
        region="eu-west-1",
        account="111122223333",
        role_arn="arn:aws:iam::111122223333:role/r",
    )


def test_silence_callbacks_and_activities() -> None:
    definition = {
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "HeartbeatSeconds": 5,
                "TimeoutSeconds": 60,
                "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Work"}],
                "End": True,
            },
            "Work": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "End": True},
        },
    }
    made = recording(definition, {}, lambda r: TaskSilence() if r.state.name == "Ask" else TaskResult(1, 3))
    assert "TaskTimedOut" in [event.type for event in made.events]
    assert replay(definition_from(definition), made).is_identical


def test_an_execution_that_was_stopped() -> None:
    nap = definition_from({"StartAt": "N", "States": {"N": {"Type": "Wait", "Seconds": 60, "End": True}}})
    from sfdebug.engine import start

    stopped = step(step(start(nap, {}), Proceed()), StopExecution("Enough", "by hand"))
    found = replay(nap, read_back(stopped.history))
    assert found.is_identical
    assert str(found.execution.status) == "ABORTED"


def test_an_execution_that_timed_out() -> None:
    definition = {**ORDER, "TimeoutSeconds": 30}
    silent = recording(definition, {"n": 1}, lambda _: TaskSilence())
    assert silent.events[-1].type == "ExecutionTimedOut"
    assert replay(definition_from(definition), silent).is_identical
    for seconds, words in ((60, "30 s earlier"), (10, "20 s later")):
        other = definition_from({**ORDER, "TimeoutSeconds": seconds})
        (difference,) = replay(other, silent).differences
        assert (difference.kind, difference.event_type) == ("timing", "ExecutionTimedOut")
        assert difference.explanation == f"the execution timed out {words} than the definition says"


def test_an_execution_that_took_longer_than_the_definition_allows_now() -> None:
    made = recording(ORDER, {"n": 7}, answers)  # 18 seconds
    assert replay(definition_from({**ORDER, "TimeoutSeconds": 30}), made).is_identical
    limited = definition_from({**ORDER, "TimeoutSeconds": 12})
    difference = first(replay(limited, made))
    assert (difference.recorded, difference.computed) == ("WaitStateExited Nap", "ExecutionTimedOut")
    assert replay(limited, made, rules=Rules(frozenset({"timestamps"}))).is_identical


def test_a_recording_that_is_not_over_is_followed_as_far_as_it_goes() -> None:
    for count in range(1, len(recorded(ORDER, {"n": 7}, answers))):
        part = read_back(recorded(ORDER, {"n": 7}, answers)[:count])
        found = verify(definition_from(ORDER), part)
        assert (found.status, found.is_complete) == (VerificationStatus.PARTIAL, False), found.first
        assert found.reason == f"it is recorded up to event {count}, which does not end the execution"


def test_a_recording_with_fewer_events_than_computed_differs() -> None:
    events = recorded(ORDER, {"n": 3}, answers)
    cut = [*events[:-3], {**events[-1], "id": len(events) - 2, "previousEventId": events[-4]["id"]}]
    assert first(replay(definition_from(ORDER), read_back(cut))).computed == "PassStateEntered Sum"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda events: events[1:], "ExecutionStarted, is missing"),
        (lambda events: [*events[:4], *events[5:]], "event 5 is missing"),
        (lambda events: [{"id": 1, "type": "ExecutionStarted"}], "without execution data"),
    ],
)
def test_what_cannot_be_verified_says_why(change: Any, reason: str) -> None:
    found = verify(definition_from(ORDER), read_back(change(recorded(ORDER, {"n": 3}, answers))))
    assert found.status is VerificationStatus.NOT_VERIFIED
    assert reason in found.reason


def test_a_replay_needs_an_input() -> None:
    with pytest.raises(RecordingError, match="input of the execution was not recorded"):
        replay(definition_from(ORDER), read_back([{"id": 1, "type": "ExecutionStarted"}]))


def test_an_input_that_was_cut_off_was_recorded() -> None:
    events = recorded(ORDER, {"n": 3}, answers)
    for event in events[:2]:
        for details in (value for value in event.values() if isinstance(value, dict)):
            details |= {"input": details["input"][:3], "inputDetails": {"truncated": True}}
    with pytest.raises(RecordingError, match="the input of the execution was cut off by AWS"):
        replay(definition_from(ORDER), read_back(events))


ACTIVITY = {"Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "TimeoutSeconds": 5}
CALLBACK = {"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {}}
LAMBDA = {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f"}


@pytest.mark.parametrize(
    ("task", "before", "submission", "failure"),
    [
        (
            CALLBACK,
            ["TaskScheduled", "TaskStarted"],
            Submission(begun=False, failure="SubmitFailed"),
            "TaskSubmitFailed",
        ),
        (CALLBACK, ["TaskScheduled", "TaskStarted"], Submission(begun=False), "TaskFailed"),
        (CALLBACK, ["TaskScheduled", "TaskStarted", "TaskSubmitted"], Submission(), "TaskFailed"),
        (ACTIVITY, ["ActivityScheduled"], Submission(begun=False), "ActivityFailed"),
        (ACTIVITY, ["ActivityScheduled", "ActivityStarted"], Submission(worker_name="w"), "ActivityFailed"),
        (
            LAMBDA,
            ["LambdaFunctionScheduled", "LambdaFunctionStarted"],
            Submission(failure="StartFailed"),
            "LambdaFunctionStartFailed",
        ),
    ],
)
def test_how_a_task_began_and_failed_is_followed_event_by_event(
    task: dict[str, Any], before: list[str], submission: Submission, failure: str
) -> None:
    definition = {"StartAt": "Work", "States": {"Work": {"Type": "Task", **task, "End": True}}}
    failed = TaskFailure("Refused", "no such queue", submission=submission)
    found = replay(definition_from(definition), recording(definition, {}, lambda _: failed))
    types = ["ExecutionStarted", "TaskStateEntered", *before, failure, "ExecutionFailed"]
    assert [event.type for event in found.recording.events] == types
    assert found.is_identical
    assert [event["type"] for event in found.execution.history] == types


@pytest.mark.parametrize(
    ("read", "has_shadows"),
    [
        ("$$.Map.Item.Value", False),
        ("$$.Map.Item.Index", False),
        ("$$.Execution.Input.order.lines[0]", False),
        ("States.Format('{} {}', $$.State.Name, $$.State.RetryCount)", False),
        ("{% $states.context.Map.Item.Value.price * 2 %}", False),
        ("$$", True),
        ("$$.Map", True),
        ("$$.Execution.Id", True),
        ("$$.Execution.InputOfMine", True),
        ("$$.State.EnteredTime", True),
        ("$$['Map']['Item']['Value']", True),
        ("States.Format('{} {}', $$.Map.Item.Value, $$.Execution.StartTime)", True),
        ("$$.Map.Item.Value.`parent`", True),
        ("{% $states.context.Map.Item.Value.%.%.%.Execution.StartTime %}", True),
        ("{% ($c := $states.context; $c.Execution.StartTime) %}", True),
        ("{% $states.context.Map.Item.Index & $now() %}", True),
        ("States.UUID()", True),
    ],
)
def test_what_hangs_on_the_data_alone_needs_no_shadows(read: str, has_shadows: bool) -> None:
    fields = {"Output": {"x": read}} if read.startswith("{%") else {"Parameters": {"x.$": read}}
    language = "JSONata" if read.startswith("{%") else "JSONPath"
    states = {"A": {"Type": "Pass", "QueryLanguage": language, "End": True, **fields}}
    program = Program(definition_from({"StartAt": "A", "States": states}))
    assert bool(Shadows(start(program, {}))) is has_shadows
