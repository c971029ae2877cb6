"""Hosted executions: real order, three paces of time, tokens, stops, redrives; all work is done by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.hosting.clock import REAL, VIRTUAL, TimePace
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.tasks.callbacks import TaskCallback
from tests.hosted_runs import NOW, HandHost, token_of, waiting

CALL = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}


class Answers:
    """Answers each Task by the name of its state, and notes who was asked."""

    def __init__(self, **answers: Answer | None) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def answer(self, request: TaskRequest) -> Answer | None:
        self.asked.append(request.state.name)
        return self.answers.get(request.state.name)


def one(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state}, **more}


def looping(state: dict[str, Any]) -> dict[str, Any]:
    again = {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "End"}], "Default": "L"}
    return {"StartAt": "L", "States": {"L": state, "Again?": again, "End": {"Type": "Succeed"}}}


def refusal(call: Any, *args: Any) -> RefusalReason:
    with pytest.raises(HostRefusalError) as caught:
        call(*args)
    return caught.value.reason


# tokens that stand in a history already


@pytest.mark.parametrize("send", ["succeed", "fail", "heartbeat", "callback"])
def test_who_reads_a_token_in_a_history_is_not_too_quick_with_it(monkeypatch: pytest.MonkeyPatch, send: str) -> None:
    """A Task is scheduled by one step, and its question put behind the next ones, which others may make first."""
    monkeypatch.setattr("sfdebug.hosting.loop.SLICE", 1)
    passes = {f"P{number}": {"Type": "Pass", "Next": f"P{number + 1}"} for number in range(9)}
    other = {"StartAt": "P0", "States": {**passes, "P9": {"Type": "Pass", "End": True}}}
    both = {"Type": "Parallel", "Branches": [one(waiting(End=True)), other], "End": True}
    host = HandHost()
    arn = host.start_execution(host.make({"StartAt": "Both", "States": {"Both": both}}), "{}").arn
    while "TaskScheduled" not in host.types(arn):
        host.hands.jobs.pop(0)()
    token = token_of(host, arn)
    assert len(host.tokens) == 0, "its question is not put yet"
    sent: dict[str, Callable[[], object]] = {
        "succeed": lambda: host.tokens.succeed(token, "1"),
        "fail": lambda: host.tokens.fail(token, "Bad"),
        "heartbeat": lambda: host.tokens.heartbeat(token),
        "callback": lambda: host.tokens.take_callback(token, TaskCallback(False, "1")),
    }
    assert sent[send]() in (None, True)
    host.hands.work()
    expected = {"fail": ExecutionStatus.FAILED, "heartbeat": ExecutionStatus.RUNNING}
    assert host.execution(arn).status is expected.get(send, ExecutionStatus.SUCCEEDED)


def test_a_token_of_nobody_moves_nothing() -> None:
    host = HandHost()
    arn = host.start_execution(host.make(one(waiting(End=True))), "{}").arn
    before = len(host.history(arn))
    assert refusal(host.tokens.succeed, "nobody's", "1") is RefusalReason.TOKEN_INVALID
    assert len(host.history(arn)) == before


# who is told


def test_who_fails_when_told_of_an_end_keeps_it_from_nobody() -> None:
    host, told = HandHost(), list[str]()
    arn = host.run(host.make(one(waiting(End=True)))).arn
    hosted = host.hosted(arn)

    def fail() -> None:
        raise KeyError("who is told first")

    hosted.on_end += [fail, lambda: told.append("the other")]
    with pytest.raises(KeyError, match="who is told first"):
        host.stop_execution(arn)
    assert told == ["the other"]


# time


def test_virtual_time_passes_at_once() -> None:
    host = HandHost()
    record = host.run(host.make(one({"Type": "Wait", "Seconds": 3600, "End": True})))
    assert record.status is ExecutionStatus.SUCCEEDED
    assert (record.started, record.stopped) == (NOW, NOW + 3_600_000)


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_time_passes_on_the_wall_by_its_scale(scale: float) -> None:
    host = HandHost(pace=TimePace(scale))
    arn = host.run(host.make(one({"Type": "Wait", "Seconds": 10, "End": True}))).arn
    host.hands.pass_time(10 * scale - 0.1)
    assert not host.execution(arn).is_over
    host.hands.pass_time(0.2)
    assert host.execution(arn).stopped == NOW + 10_000, "to the millisecond, whenever somebody looks"


def test_back_off_and_timeouts_take_real_time_in_real_pace() -> None:
    retry = [{"ErrorEquals": ["Bad"], "IntervalSeconds": 5, "MaxAttempts": 1}]
    host = HandHost(Answers(A=TaskFailure("Bad")), pace=REAL)
    arn = host.run(host.make(one({**CALL, "Retry": retry}, TimeoutSeconds=7))).arn
    host.hands.pass_time(4.9)
    assert host.types(arn).count("LambdaFunctionScheduled") == 1
    host.hands.pass_time(0.2)
    assert host.execution(arn).status is ExecutionStatus.FAILED
    waits = host.run(host.make(one({"Type": "Wait", "Seconds": 10, "End": True}, TimeoutSeconds=7), "Waits")).arn
    host.hands.pass_time(8)
    assert host.execution(waits).status is ExecutionStatus.TIMED_OUT
    assert host.execution(waits).error is None


def test_a_call_takes_the_time_that_it_took_in_each_pace() -> None:
    for pace in (VIRTUAL, REAL):
        host = HandHost(Answers(A=TaskResult(1, after_seconds=2.5)), pace=pace)
        arn = host.start_execution(host.make(one(CALL))).arn
        host.hands.work()
        host.hands.pass_time(2.6)
        assert host.execution(arn).stopped == NOW + 2_500


def test_a_call_that_takes_too_long_times_out_by_the_wall_and_its_answer_comes_too_late() -> None:
    for pace in (VIRTUAL, REAL, TimePace(0.01)):
        host = HandHost(Answers(A=TaskResult(1)), pace=pace)
        arn = host.start_execution(host.make(one({**CALL, "TimeoutSeconds": 3}))).arn
        host.hands.work(with_calls=False)
        call = host.hands.calls.pop()
        host.hands.pass_time(2.9)
        assert not host.execution(arn).is_over, "a scaled clock goes as the wall's while something is called"
        host.hands.pass_time(0.2)
        assert (host.execution(arn).status, host.execution(arn).error) == (ExecutionStatus.FAILED, "States.Timeout")
        before = host.types(arn)
        call()
        host.hands.work()
        assert host.types(arn) == before


def test_virtual_time_stands_still_while_something_is_called_and_goes_on_while_a_token_is_out() -> None:
    branches = [
        {"StartAt": "B", "States": {"B": CALL}},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}},
    ]
    host = HandHost(Answers(B=TaskResult(1, after_seconds=1)))
    machine = host.make(one({"Type": "Parallel", "Branches": branches, "End": True}))
    arn = host.start_execution(machine).arn
    host.hands.work(with_calls=False)
    assert "WaitStateExited" not in host.types(arn)
    host.hands.work()
    types = host.types(arn)
    assert types.index("LambdaFunctionSucceeded") < types.index("WaitStateExited")
    branches[0] = {"StartAt": "B", "States": {"B": waiting(End=True)}}
    host = HandHost()
    arn = host.run(host.make(one({"Type": "Parallel", "Branches": branches, "End": True}))).arn
    assert "WaitStateExited" in host.types(arn)
    host.hands.pass_time(5)
    host.tokens.succeed(token_of(host, arn), "1")
    host.hands.work()
    assert host.execution(arn).stopped == NOW + 15_000, "the ten seconds that were jumped, and five that were waited"


# tokens


def test_a_token_is_answered_once() -> None:
    host = HandHost()
    arn = host.run(host.make(one(waiting(End=True)))).arn
    assert host.types(arn)[-1] == "TaskSubmitted"
    token = token_of(host, arn)
    assert refusal(host.tokens.succeed, token, "{") is RefusalReason.OUTPUT_INVALID
    assert refusal(host.tokens.succeed, token, "NaN") is RefusalReason.OUTPUT_INVALID
    assert refusal(host.tokens.succeed, "x", "1") is RefusalReason.TOKEN_INVALID
    host.hands.pass_time(60)
    host.tokens.succeed(token, '{"x": 1}')
    for again in (host.tokens.fail, host.tokens.heartbeat):
        assert refusal(again, token) is RefusalReason.TOKEN_TIMED_OUT
    host.hands.work()
    record = host.execution(arn)
    assert (record.output, record.stopped) == ('{"x":1}', NOW + 60_000)
    assert host.types(arn)[3:] == [
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


def test_a_heartbeat_keeps_a_task_alive_until_it_is_missed_and_a_timeout_ends_it_all_the_same() -> None:
    for pace in (VIRTUAL, REAL):
        host = HandHost(pace=pace)
        arn = host.run(host.make(one(waiting(HeartbeatSeconds=10, TimeoutSeconds=100, End=True)))).arn
        token = token_of(host, arn)
        for _ in range(5):
            host.hands.pass_time(9)
            host.tokens.heartbeat(token)
        host.hands.pass_time(9.9)
        assert not host.execution(arn).is_over
        host.hands.pass_time(0.2)
        record = host.execution(arn)
        assert (record.error, record.stopped) == ("States.Timeout", NOW + 55_000)
        assert refusal(host.tokens.heartbeat, token) is RefusalReason.TOKEN_TIMED_OUT


def test_a_failure_that_is_sent_can_be_retried_with_a_new_token() -> None:
    host = HandHost()
    retry = [{"ErrorEquals": ["Again"], "IntervalSeconds": 1}]
    arn = host.run(host.make(one(waiting(Retry=retry, End=True)))).arn
    first = token_of(host, arn)
    host.tokens.fail(first, "Again", "not yet")
    host.hands.work()
    second = token_of(host, arn)
    assert first != second
    host.tokens.fail(second)
    host.hands.work()
    assert (host.execution(arn).status, host.execution(arn).error) == (ExecutionStatus.FAILED, None)


def test_what_is_sent_while_the_call_that_gave_the_token_away_is_under_way_counts_when_it_is_over() -> None:
    sent: list[str] = []

    class Handler:
        def answer(self, request: TaskRequest) -> Answer | None:
            assert request.task_token is not None
            host.tokens.succeed(request.task_token, '"early"')
            sent.append(request.task_token)
            return None

    host = HandHost(Handler())
    arn = host.run(host.make(one(waiting(End=True)))).arn
    assert sent == [token_of(host, arn)]
    assert host.execution(arn).output == '"early"'
    assert host.types(arn)[4:6] == ["TaskSubmitted", "TaskSucceeded"]


def test_what_was_sent_counts_though_the_call_fails_afterwards() -> None:
    class Handler:
        def answer(self, request: TaskRequest) -> Answer | None:
            assert request.task_token is not None
            host.tokens.succeed(request.task_token, '"sent"')
            return TaskFailure("Late")

    host = HandHost(Handler())
    assert host.run(host.make(one(waiting(End=True)))).output == '"sent"'


# what nobody answers


def test_what_nobody_answers_fails_the_execution_and_names_the_ways() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "A"}]
    for host in (HandHost(), HandHost(Answers())):
        record = host.run(host.make(one({**CALL, "Catch": catch})))
        assert (record.status, record.error) == (ExecutionStatus.FAILED, "States.Runtime")
        assert record.cause is not None
        for way in ("mock file", "handler"):
            assert way in record.cause


def test_a_handler_that_breaks_fails_the_execution_and_nothing_else() -> None:
    class Broken:
        def answer(self, request: TaskRequest) -> Answer | None:
            raise ZeroDivisionError("by hand")

    host = HandHost(Broken())
    record = host.run(host.make(one(CALL)))
    assert record.error == "States.Runtime"
    assert "ZeroDivisionError: by hand" in str(record.cause)
    assert host.run(host.make(one({"Type": "Succeed"}), "Other")).status is ExecutionStatus.SUCCEEDED


# stops and redrives


def test_a_stop_really_stops() -> None:
    host = HandHost(Answers(A=TaskResult(1)), pace=REAL)
    machine = host.make(looping({"Type": "Wait", "Seconds": 1, "Next": "Again?"}))
    arn = host.run(machine).arn
    host.hands.pass_time(10)
    record = host.stop_execution(arn, "Enough", "by hand")
    assert (record.status, record.error, record.cause) == (ExecutionStatus.ABORTED, "Enough", "by hand")
    before = host.types(arn)
    assert before[-1] == "ExecutionAborted"
    assert not host.hands.pending
    host.hands.pass_time(100)
    assert host.types(arn) == before
    assert host.stop_execution(arn, "Again") == record


def test_a_stop_takes_the_token_away() -> None:
    host = HandHost()
    arn = host.run(host.make(one(waiting(End=True)))).arn
    host.stop_execution(arn)
    assert refusal(host.tokens.succeed, token_of(host, arn), "1") is RefusalReason.TASK_GONE
    assert len(host.tokens) == 0


def test_a_redrive_goes_on_from_the_state_that_failed() -> None:
    answers = Answers(A=TaskFailure("Bad"))
    host = HandHost(answers, pace=REAL)
    arn = host.run(host.make(one(CALL))).arn
    assert host.execution(arn).redrive_status == "REDRIVABLE"
    assert host.execution(arn).stopped == NOW
    answers.answers["A"] = TaskResult({"mended": True})
    host.hands.pass_time(3600)
    running = host.redrive_execution(arn, "token")
    assert (running.status, running.redrive_count, running.redriven) == (ExecutionStatus.RUNNING, 1, NOW + 3_600_000)
    assert host.redrive_execution(arn, "token") == running
    assert refusal(host.redrive_execution, arn) is RefusalReason.NOT_REDRIVABLE
    host.hands.work()
    assert host.execution(arn).output == '{"mended":true}'
    assert "ExecutionRedriven" in host.types(arn)
    assert refusal(host.redrive_execution, arn) is RefusalReason.NOT_REDRIVABLE


def test_a_redrive_is_refused_after_fourteen_days() -> None:
    host = HandHost(pace=REAL)
    arn = host.run(host.make(one({"Type": "Fail"}))).arn
    host.hands.pass_time(14 * 86_400 + 1)
    assert host.execution(arn).redrive_status == "NOT_REDRIVABLE"
    assert refusal(host.redrive_execution, arn) is RefusalReason.NOT_REDRIVABLE


def test_an_endless_loop_ends_as_on_aws_and_lets_others_have_their_turn() -> None:
    host = HandHost()
    loop = host.start_execution(host.make(looping({"Type": "Pass", "Next": "Again?"}))).arn
    other = host.start_execution(host.make(one({"Type": "Pass", "End": True}), "Other")).arn
    host.hands.jobs.pop(0)()
    host.hands.jobs.pop(0)()
    assert host.execution(other).is_over
    assert not host.execution(loop).is_over
    host.hands.work()
    assert len(host.history(loop)) == 25_000
    assert host.execution(loop).redrive_status == "NOT_REDRIVABLE"


def test_an_endless_express_loop_is_over_after_five_minutes_in_each_pace() -> None:
    for pace in (VIRTUAL, REAL):
        host = HandHost(pace=pace)
        machine = host.make(looping({"Type": "Pass", "Next": "Again?"}), type="EXPRESS")
        arn = host.start_sync_execution(machine).arn
        host.hands.jobs.pop(0)()
        host.hand_clock.wall += 300_001
        host.hands.work()
        assert host.execution(arn).status is ExecutionStatus.TIMED_OUT
        assert host.execution(arn).redrive_status == "NOT_REDRIVABLE"


# mock cases


def test_a_test_case_answers_before_all_others() -> None:
    from sfdebug.tasks.mock_config import MockConfig

    mocks = MockConfig.parse(
        json.dumps(
            {
                "StateMachines": {"Machine": {"TestCases": {"Good": {"A": "one"}}}},
                "MockedResponses": {"one": {"0": {"Return": "mocked"}}},
            }
        )
    )
    answers = Answers(A=TaskResult("called"))
    host = HandHost(answers, mocks=mocks)
    machine = host.make(one(CALL))
    assert host.run(f"{machine}#Good").output == '"mocked"'
    assert answers.asked == []
    assert host.run(machine).output == '"called"'
    for case in ("Bad", ""):
        with pytest.raises(HostRefusalError) as caught:
            host.start_execution(f"{machine}#{case}")
        assert caught.value.reason is RefusalReason.CASE_UNKNOWN
        assert caught.value.details.isprintable(), "it goes to clients as one line"
    assert host.executions(status="RUNNING") == []
    assert len(host.executions(machine)) == 2
    assert refusal(HandHost().start_execution, f"{machine}#Bad") is RefusalReason.MACHINE_UNKNOWN
