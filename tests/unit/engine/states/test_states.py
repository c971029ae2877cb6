"""The eight state types: what each computes, stage by stage, and the events it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    EditInput,
    ForceChoice,
    InjectFailure,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.errors import DecisionError
from tests.engine_runs import advance, begin, finish, one, run, scripted, stage_values, types, visit

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"
SQS_TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


def test_pass_goes_through_every_stage_in_order() -> None:
    ended = run(
        one(
            {
                "Type": "Pass",
                "InputPath": "$.order",
                "Parameters": {"sum.$": "$.total", "unit": "EUR"},
                "ResultPath": "$.price",
                "OutputPath": "$.price",
                "End": True,
            }
        ),
        {"order": {"total": 42}, "customer": "Ada"},
    )
    assert ended.output == {"sum": 42, "unit": "EUR"}
    assert stage_values(visit(ended, "A")) == [
        (StageName.INPUT, {"order": {"total": 42}, "customer": "Ada"}),
        (StageName.INPUT_PATH, {"total": 42}),
        (StageName.PARAMETERS, {"sum": 42, "unit": "EUR"}),
        (StageName.RESULT_PATH, {"order": {"total": 42}, "customer": "Ada", "price": {"sum": 42, "unit": "EUR"}}),
        (StageName.OUTPUT_PATH, {"sum": 42, "unit": "EUR"}),
        (StageName.OUTPUT, {"sum": 42, "unit": "EUR"}),
    ]
    assert types(ended) == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({"InputPath": None}, {}),
        ({"OutputPath": None}, {}),
        ({"ResultPath": None, "Result": 7}, {"x": 1}),
        ({"Result": None}, None),
        ({"Result": {"a.$": "$.x"}}, {"a.$": "$.x"}),
        ({"Result": 7, "ResultPath": "$.y.z"}, {"x": 1, "y": {"z": 7}}),
    ],
)
def test_null_paths_and_literal_results(fields: dict[str, Any], output: Any) -> None:
    assert run(one({"Type": "Pass", "End": True, **fields}), {"x": 1}).output == output


def test_a_path_that_finds_nothing_fails_in_the_words_of_aws() -> None:
    ended = run(one({"Type": "Pass", "InputPath": "$.nope", "End": True}), {"x": 1})
    assert ended.status is ExecutionStatus.FAILED
    assert ended.error == "States.Runtime"
    assert ended.cause == (
        "An error occurred while executing the state 'A' (entered at the event id #2). "
        "Invalid path '$.nope' : No results for path: $['nope']"
    )
    failed = visit(ended, "A").stages[-1]
    assert (failed.name, failed.status) == (StageName.INPUT_PATH, StageStatus.FAILED)


CHOICE = one(
    {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Big"},
            {"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Middle"},
        ],
        "Default": "Small",
    },
    Big={"Type": "Succeed"},
    Middle={"Type": "Succeed"},
    Small={"Type": "Succeed"},
)


@pytest.mark.parametrize(("n", "target"), [(11, "Big"), (6, "Middle"), (1, "Small")])
def test_choice_takes_the_first_rule_that_matches(n: int, target: str) -> None:
    ended = run(CHOICE, {"n": n})
    assert [found.state.name for found in ended.visits] == ["A", target]
    verdicts = [stage.detail.matched for stage in visit(ended, "A").stages if stage.name is StageName.RULE]  # type: ignore[union-attr]
    assert verdicts == {"Big": [True], "Middle": [False, True], "Small": [False, False]}[target]


def test_choice_without_a_match_and_without_default() -> None:
    definition = one(
        {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "B"}]}, B={"Type": "Succeed"}
    )
    ended = run(definition, {"n": 2})
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith("The state does not point to a next state.")


@pytest.mark.parametrize(("rule", "target"), [(0, "Big"), (1, "Middle"), (None, "Small")])
def test_a_forced_choice_takes_that_branch(rule: int | None, target: str) -> None:
    fresh = begin(CHOICE, {"n": 6})
    ended = finish(step(fresh, ForceChoice((), rule)))
    assert [found.state.name for found in ended.visits] == ["A", target]
    forced = [stage for stage in visit(ended, "A").stages if stage.status is StageStatus.FORCED]
    assert len(forced) == 1
    assert [found.state.name for found in finish(fresh).visits] == ["A", "Middle"], "the parent is unchanged"


def test_a_rule_that_is_not_there_cannot_be_forced() -> None:
    with pytest.raises(DecisionError, match="2 rules"):
        step(begin(CHOICE, {"n": 6}), ForceChoice((), 2))


@pytest.mark.parametrize(
    ("fields", "input", "seconds"),
    [
        ({"Seconds": 30}, {}, 30),
        ({"SecondsPath": "$.s"}, {"s": 5}, 5),
        ({"Timestamp": "2025-01-01T00:01:00Z"}, {}, 60),
        ({"TimestampPath": "$.t"}, {"t": "2025-01-01T01:00:00+00:59"}, 60),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, {}, 0),
    ],
)
def test_wait_moves_the_virtual_clock(fields: dict[str, Any], input: Any, seconds: int) -> None:
    ended = run(one({"Type": "Wait", "End": True, **fields}), input)
    assert ended.status is ExecutionStatus.SUCCEEDED
    assert ended.clock == seconds * 1000


@pytest.mark.parametrize(
    ("fields", "input", "words"),
    [
        ({"SecondsPath": "$.s"}, {"s": 1.5}, "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"),
        ({"SecondsPath": "$.s"}, {"s": -1}, "The SecondsPath parameter references a negative value: $.s == -1"),
        ({"SecondsPath": "$.s"}, {}, "The SecondsPath parameter does not reference an input value: $.s"),
        (
            {"TimestampPath": "$.t"},
            {"t": "2016-12-05 21:29:29Z"},
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
            "$.t == 2016-12-05 21:29:29Z",
        ),
    ],
)
def test_wait_refuses_what_aws_refuses(fields: dict[str, Any], input: Any, words: str) -> None:
    ended = run(one({"Type": "Wait", "End": True, **fields}), input)
    assert ended.error == "States.Runtime"
    assert ended.cause is not None
    assert ended.cause.endswith(words)


def test_fail_raises_its_error_and_cause() -> None:
    ended = run(one({"Type": "Fail", "Error": "Broken", "CausePath": "$.why"}), {"why": "no wheels"})
    assert (ended.status, ended.error, ended.cause) == (ExecutionStatus.FAILED, "Broken", "no wheels")
    assert types(ended) == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]


def test_a_lambda_task_and_a_service_task_leave_their_own_events() -> None:
    definition = one(
        {"Type": "Task", "Resource": LAMBDA, "ResultPath": "$.a", "Next": "B"},
        B={
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "t"},
            "ResultSelector": {"got.$": "$.TableName"},
            "End": True,
        },
    )
    ended = run(definition, {"k": 1})
    assert ended.output == {"got": "t"}
    assert types(ended)[2:5] == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
    scheduled = next(event for event in ended.history if event["type"] == "TaskScheduled")
    assert scheduled["taskScheduledEventDetails"] == {
        "resourceType": "dynamodb",
        "resource": "putItem",
        "region": "us-east-1",
        "parameters": '{"TableName":"t"}',
    }


def test_a_callback_task_sees_its_token() -> None:
    definition = one(
        {
            "Type": "Task",
            "Resource": SQS_TOKEN,
            "Parameters": {"MessageBody": {"token.$": "$$.Task.Token"}},
            "End": True,
        }
    )
    execution = begin(definition)
    while not readiness(execution).requests:
        execution = step(execution)
    request = readiness(execution).requests[0]
    assert request.task_token
    assert request.input == {"MessageBody": {"token": request.task_token}}


RETRYING = one(
    {
        "Type": "Task",
        "Resource": LAMBDA,
        "Retry": [
            {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 3, "MaxDelaySeconds": 10},
            {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "B"}],
        "End": True,
    },
    B={"Type": "Pass", "End": True},
)


def test_retry_waits_longer_each_time_up_to_the_longest_delay() -> None:
    busy = TaskFailure("Busy", "later")
    ended = run(RETRYING, {"k": 1}, scripted({"A": [busy, busy, busy, TaskResult("done")]}))
    assert ended.output == "done"
    assert ended.clock == (2 + 6 + 10) * 1000
    assert visit(ended, "A").attempt == 4


def test_each_retrier_counts_for_itself_and_the_first_that_matches_decides() -> None:
    busy, odd = TaskFailure("Busy"), TaskFailure("Odd", "strange")
    ended = run(RETRYING, {"k": 1}, scripted({"A": [busy, odd, busy, odd]}))
    assert ended.output == {"k": 1, "error": {"Error": "Odd", "Cause": "strange"}}
    assert visit(ended, "A").retrier_counts == (2, 1)
    assert [found.state.name for found in ended.visits] == ["A", "B"]


def test_jitter_comes_from_the_seed() -> None:
    definition = one(
        {
            "Type": "Task",
            "Resource": LAMBDA,
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "JitterStrategy": "FULL"}],
            "End": True,
        }
    )
    answers = scripted({"A": [TaskFailure("X"), TaskResult(1)]})
    clocks = [run(definition, {}, answers, seed=seed).clock for seed in (1, 1, 2)]
    assert clocks[0] == clocks[1] != clocks[2]
    assert all(0 <= clock <= 100_000 for clock in clocks)


@pytest.mark.parametrize(
    ("catch", "error", "is_caught"),
    [
        (["States.ALL"], "X", True),
        (["States.TaskFailed"], "X", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.Timeout"], "States.Timeout", True),
        (["Y", "X"], "X", True),
        (["Y"], "X", False),
        (["States.ALL"], "States.DataLimitExceeded", True),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.ALL", "States.Runtime"], "States.Runtime", False),
    ],
)
def test_what_a_catcher_takes(catch: list[str], error: str, is_caught: bool) -> None:
    definition = one(
        {"Type": "Task", "Resource": LAMBDA, "Catch": [{"ErrorEquals": catch, "Next": "B"}], "End": True},
        B={"Type": "Succeed"},
    )
    if len(catch) > 1 and "States.ALL" in catch:
        definition["States"]["A"]["Catch"] = [{"ErrorEquals": [name], "Next": "B"} for name in reversed(catch)]
    ended = run(definition, {}, scripted({"A": [TaskFailure(error)]}))
    assert (ended.status is ExecutionStatus.SUCCEEDED) is is_caught


@pytest.mark.parametrize(
    ("limits", "seconds", "names"),
    [
        ({"TimeoutSeconds": 5}, 5, ["States.Timeout"]),
        ({"TimeoutSeconds": 60, "HeartbeatSeconds": 7}, 7, ["States.HeartbeatTimeout"]),
        ({"TimeoutSeconds": 60, "HeartbeatSeconds": 7}, 7, ["States.Timeout"]),
        ({"TimeoutSecondsPath": "$.t"}, 9, ["States.Timeout"]),
    ],
)
def test_a_silent_task_times_out(limits: dict[str, Any], seconds: int, names: list[str]) -> None:
    definition = one(
        {
            "Type": "Task",
            "Resource": LAMBDA,
            "Catch": [{"ErrorEquals": names, "Next": "B"}],
            "End": True,
            **limits,
        },
        B={"Type": "Pass", "End": True},
    )
    ended = run(definition, {"t": 9}, scripted({"A": [TaskSilence()]}))
    assert ended.output == {"Error": "States.Timeout", "Cause": ""}
    assert ended.clock == seconds * 1000
    assert "LambdaFunctionTimedOut" in types(ended)


@pytest.mark.parametrize("answer", [TaskResult(1, 70), TaskFailure("Boom", None, 70)])
def test_a_task_that_answers_too_late_missed_no_heartbeat(answer: TaskResult | TaskFailure) -> None:
    names = ["States.HeartbeatTimeout", "States.Timeout"]
    caught = [{"ErrorEquals": [name], "Next": after} for name, after in zip(names, "BC", strict=True)]
    limits = {"TimeoutSeconds": 60, "HeartbeatSeconds": 10}
    definition = one(
        {"Type": "Task", "Resource": LAMBDA, "Catch": caught, "End": True, **limits},
        B={"Type": "Succeed"},
        C={"Type": "Succeed"},
    )
    ended = run(definition, {}, scripted({"A": [answer]}))
    assert [found.state.name for found in ended.visits] == ["A", "C"]
    assert (ended.clock, ended.output) == (60_000, {"Error": "States.Timeout", "Cause": ""})
    assert types(ended)[4] == "LambdaFunctionTimedOut"


def test_a_token_is_made_of_any_name() -> None:
    state = {"Type": "Task", "Resource": f"{LAMBDA}.waitForTaskToken", "End": True}
    assert run(one(state), {}, scripted({"A": [TaskResult(1)]}), name="\ud800").output == 1


def test_the_limits_and_credentials_of_a_task_are_read_from_what_input_path_selects() -> None:
    role = {"RoleArn.$": "$.role"}
    state = {"Type": "Task", "Resource": LAMBDA, "InputPath": "$.in", "Credentials": role, "End": True}
    definition = one({**state, "Parameters": {"p": 1}, "TimeoutSecondsPath": "$.t"})
    ended = run(definition, {"in": {"t": 9, "role": "arn:r"}, "t": 3}, scripted({"A": [TaskSilence()]}))
    assert (ended.error, ended.clock) == ("States.Timeout", 9000)
    scheduled = next(event for event in ended.history if event["type"] == "LambdaFunctionScheduled")
    details = scheduled["lambdaFunctionScheduledEventDetails"]
    assert isinstance(details, dict)
    assert (details["timeoutInSeconds"], details["taskCredentials"]) == (9, {"roleArn": "arn:r"})


def test_an_answer_later_than_the_timeout_never_arrives() -> None:
    definition = one({"Type": "Task", "Resource": LAMBDA, "TimeoutSeconds": 5, "End": True})
    assert run(definition, {}, scripted({"A": [TaskResult(1, after_seconds=4)]})).clock == 4000
    late = run(definition, {}, scripted({"A": [TaskResult(1, after_seconds=6)]}))
    assert (late.error, late.clock) == ("States.Timeout", 5000)


def test_the_machines_own_timeout_ends_the_execution() -> None:
    definition = {**one({"Type": "Wait", "Seconds": 100, "End": True}), "TimeoutSeconds": 10}
    ended = run(definition)
    assert (ended.status, ended.error, ended.clock) == (ExecutionStatus.TIMED_OUT, "States.Timeout", 10_000)
    assert types(ended)[-1] == "ExecutionTimedOut"


def test_injected_failures_are_used_up_by_attempts() -> None:
    execution = step(begin(RETRYING, {"k": 1}), InjectFailure(("A",), "Busy", "injected", 2))
    ended = finish(execution)
    assert ended.status is ExecutionStatus.SUCCEEDED
    assert ended.clock == 8000
    statuses = [stage.status for stage in visit(ended, "A").stages if stage.name is StageName.TASK]
    assert statuses == [StageStatus.INJECTED, StageStatus.INJECTED, StageStatus.DONE]
    assert types(ended).count("LambdaFunctionFailed") == 2


def test_the_input_of_a_state_about_to_run_can_be_edited() -> None:
    fresh = begin(one({"Type": "Pass", "End": True}), {"x": 1})
    assert finish(step(fresh, EditInput((), {"x": 2}))).output == {"x": 2}
    assert finish(fresh).output == {"x": 1}
    with pytest.raises(DecisionError, match="already been entered"):
        step(step(fresh), EditInput((), 3))


def test_decisions_that_do_not_fit_are_refused() -> None:
    execution = begin(one({"Type": "Task", "Resource": LAMBDA, "End": True}))
    with pytest.raises(DecisionError, match="does not wait"):
        step(execution, AnswerTask((), TaskResult(1)))
    with pytest.raises(DecisionError, match="not a Choice"):
        step(execution, ForceChoice((), 0))
    with pytest.raises(DecisionError, match="no state"):
        step(execution, InjectFailure(("Z",), "X"))
    while not readiness(execution).requests:
        execution = step(execution)
    with pytest.raises(DecisionError, match="waits for its answer"):
        step(execution)
    with pytest.raises(DecisionError, match="is over"):
        step(advance(finish(execution)))


def test_a_result_that_is_too_large() -> None:
    definition = one({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True})
    ended = run(definition, {}, scripted({"A": [TaskResult("x" * 300_000)]}))
    assert (ended.error, ended.cause) == (
        "States.DataLimitExceeded",
        "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
    )


def test_a_history_that_is_full_ends_the_execution() -> None:
    again = {"Type": "Choice", "Choices": [{"Variable": "$.done", "IsPresent": True, "Next": "C"}], "Default": "A"}
    loop = one({"Type": "Pass", "Next": "B"}, B=again, C={"Type": "Succeed"})
    ended = run(loop, {}, max_history_events=100)
    assert ended.status is ExecutionStatus.FAILED
    assert "maximum number of history events (100)" in (ended.cause or "")
    assert [event.id for event in ended.events] == list(range(1, 101))


def test_a_catcher_whose_result_path_cannot_be_written_fails_once() -> None:
    definition = one(
        {
            "Type": "Task",
            "Resource": LAMBDA,
            "Retry": [{"ErrorEquals": ["X"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "B"}],
            "End": True,
        },
        B={"Type": "Succeed"},
    )
    ended = run(definition, [1, 2], scripted({"A": [TaskFailure("X"), TaskFailure("X")]}))
    assert (ended.status, ended.error) == (ExecutionStatus.FAILED, "States.ReferencePathConflict")
    assert visit(ended, "A").stages[-1].status is StageStatus.FAILED


def test_a_caught_output_that_is_too_large_fails_once() -> None:
    definition = one(
        {
            "Type": "Task",
            "Resource": LAMBDA,
            "Parameters": {},
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "B"}],
            "End": True,
        },
        B={"Type": "Succeed"},
    )
    ended = run(definition, {"x": "y" * 262_130}, scripted({"A": [TaskFailure("X", "z" * 100)]}))
    assert (ended.status, ended.error) == (ExecutionStatus.FAILED, "States.DataLimitExceeded")


def test_injected_attempts_do_not_use_up_the_answers() -> None:
    execution = step(begin(RETRYING, {"k": 1}), InjectFailure(("A",), "Busy", None, 2))
    ended = finish(execution, scripted({"A": [TaskResult("first answer")]}))
    assert ended.output == "first answer"


@pytest.mark.parametrize("name", ["States.Timeout", "States.HeartbeatTimeout"])
def test_a_timeout_that_is_injected_or_answered_is_a_timeout(name: str) -> None:
    definition = one(
        {
            "Type": "Task",
            "Resource": LAMBDA,
            "Catch": [{"ErrorEquals": [name], "Next": "B"}, {"ErrorEquals": ["States.Timeout"], "Next": "C"}],
            "End": True,
        },
        B={"Type": "Succeed"},
        C={"Type": "Succeed"},
    )
    injected = finish(step(begin(definition), InjectFailure(("A",), name)))
    answered = run(definition, {}, scripted({"A": [TaskFailure(name)]}))
    for ended in (injected, answered):
        assert [found.state.name for found in ended.visits] == ["A", "B"]
        assert types(ended)[4] == "LambdaFunctionTimedOut"


def test_an_edited_input_is_measured() -> None:
    with pytest.raises(DecisionError, match="262,144 bytes"):
        step(begin(one({"Type": "Pass", "End": True})), EditInput((), "x" * 300_000))
