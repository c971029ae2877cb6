"""Hosts: executions by name, in lists and in memory; nested ones; activities; Map Runs; what is left at the end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.hosting.clock import REAL, VIRTUAL, TimePace
from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.records import ActivityTask, MachineSettings
from sfdebug.hosting.refusals import RefusalReason
from sfdebug.tasks.callbacks import Callbacks
from tests.hosted_runs import NOW, ROLE, HandHost, token_of, waiting
from tests.programs import LONGEST
from tests.unit.hosting.test_hosted import Answers, one, refusal

WORK = "arn:aws:states:us-east-1:123456789012:activity:work"
CALL = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}


def starting(machine_arn: str, pattern: str = ".sync:2", **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{pattern}",
        "Parameters": {
            "StateMachineArn": machine_arn,
            "Input": {"token.$": "$$.Task.Token"} if "wait" in pattern else {},
        },
        "End": True,
        **fields,
    }


# names, lists, memory


def test_a_name_is_taken_once() -> None:
    host = HandHost()
    arn = host.make(one(waiting(End=True)))
    first = host.start_execution(arn, '{"a": 1}', "n")
    host.hand_clock.wall += 5
    assert host.start_execution(arn, '{"a":1}', "n").started == first.started
    assert refusal(host.start_execution, arn, "{}", "n") is RefusalReason.EXECUTION_EXISTS
    host.hands.work()
    host.stop_execution(first.arn)
    assert refusal(host.start_execution, arn, '{"a": 1}', "n") is RefusalReason.EXECUTION_EXISTS
    for text in ("", "{", "NaN", "[" * 100_000):
        assert refusal(host.start_execution, arn, text) is RefusalReason.INPUT_INVALID
    assert host.execution(first.arn).input == '{"a": 1}'
    assert refusal(host.start_sync_execution, arn) is RefusalReason.TYPE_NOT_SUPPORTED


def test_express_executions_may_have_the_same_name() -> None:
    host = HandHost()
    state = {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id"}, "End": True}
    arn = host.make(one(state), type="EXPRESS")
    first, second = (host.run(arn, name="same") for _ in range(2))
    assert first.arn != second.arn
    assert first.arn.startswith("arn:aws:states:us-east-1:123456789012:express:Machine:same:")
    assert second.output == json.dumps({"id": second.arn}, separators=(",", ":"))
    assert first.redrive_status == "NOT_REDRIVABLE"


def test_lists_have_the_newest_first() -> None:
    host = HandHost()
    arn = host.make(one(waiting(End=True)))
    names = ["a", "b", "c"]
    arns = {}
    for name in names:
        arns[name] = host.run(arn, name=name).arn
        host.hand_clock.wall += 1000
    assert [record.name for record in host.executions(arn)] == ["c", "b", "a"]
    host.stop_execution(arns["b"])
    assert [record.name for record in host.executions()] == ["b", "c", "a"]
    assert [record.name for record in host.executions(arn, status="RUNNING")] == ["c", "a"]
    host.hand_clock.wall += 1000
    host.redrive_execution(arns["b"])
    assert [record.name for record in host.executions(arn, redriven=True)] == ["b"]
    assert [record.name for record in host.executions(arn, redriven=False)] == ["c", "a"]
    express = host.make(one({"Type": "Succeed"}), "Express", type="EXPRESS")
    assert refusal(host.executions, express) is RefusalReason.TYPE_NOT_SUPPORTED
    assert refusal(host.executions, arn + "x") is RefusalReason.MACHINE_UNKNOWN


def test_the_oldest_that_are_over_leave_memory() -> None:
    host = HandHost(keep=3)
    waits = host.run(host.make(one(waiting(End=True)), "Waits"))
    arn = host.make(one({"Type": "Pass", "End": True}))
    arns = [host.run(arn).arn for _ in range(5)]
    assert refusal(host.history, arns[1]) is RefusalReason.EXECUTION_UNKNOWN
    assert len(host.executions(arn)) == 3
    assert not host.execution(waits.arn).is_over


# executions inside of others


@pytest.mark.parametrize("pace", [VIRTUAL, REAL])
@pytest.mark.parametrize("pattern", ["", ".sync", ".sync:2"])
def test_a_task_starts_an_execution_like_others(pattern: str, pace: Any) -> None:
    host = HandHost(pace=pace)
    states = {
        "A": {"Type": "Wait", "Seconds": 5, "Next": "P"},
        "P": {"Type": "Pass", "Result": {"x": 1}, "End": True},
    }
    inner = host.make({"StartAt": "A", "States": states}, "Inner")
    outer = host.run(host.make(one(starting(inner, pattern)), "Outer"))
    host.hands.pass_time(6)
    (child,) = host.executions(inner)
    assert child.output is None
    assert host.execution(child.arn).output == '{"x":1}'
    outer = host.execution(outer.arn)
    assert outer.status is ExecutionStatus.SUCCEEDED
    output = json.loads(outer.output or "")
    assert output["ExecutionArn"] == child.arn
    if pattern:
        assert output["Output"] == ({"x": 1} if pattern == ".sync:2" else '{"x":1}')
        assert outer.stopped == child.stopped == NOW + 5000
        assert host.types(outer.arn)[4] == "TaskSubmitted"
    else:
        assert outer.stopped == NOW


def test_a_child_that_fails_fails_its_task_and_one_whose_parent_stops_is_stopped() -> None:
    host = HandHost()
    failing = host.make(one({"Type": "Fail", "Error": "Bad"}), "Failing")
    outer = host.run(host.make(one(starting(failing)), "Outer"))
    assert outer.error == "States.TaskFailed"
    assert json.loads(outer.cause or "")["Error"] == "Bad"
    waits = host.make(one(waiting(End=True)), "Waits")
    outer = host.run(host.make(one(starting(waits)), "Outer2"))
    (child,) = host.executions(waits)
    host.stop_execution(outer.arn)
    assert host.execution(child.arn).status is ExecutionStatus.ABORTED


def test_a_child_is_given_the_token_that_its_parent_waits_for() -> None:
    host = HandHost()
    sends = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken.$": "$.token", "Output": {"from": "child"}},
        "End": True,
    }
    inner = host.make(one(sends), "Inner")
    outer = host.run(host.make(one(starting(inner, ".waitForTaskToken")), "Outer"))
    assert outer.output == '{"from":"child"}'
    assert host.executions(inner)[0].status is ExecutionStatus.SUCCEEDED


def test_a_task_that_sends_for_no_token_fails() -> None:
    host = HandHost()
    sends = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken": "none", "Output": "1"},
        "End": True,
    }
    assert host.run(host.make(one(sends))).error == "Sfn.InvalidTokenException"


def test_virtual_time_does_not_wait_for_a_child_that_waits_for_somebody() -> None:
    host = HandHost()
    waits = host.make(one(waiting(End=True)), "Waits")
    branches = [
        {"StartAt": "C", "States": {"C": starting(waits)}},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "Next": "F"}, "F": {"Type": "Fail"}}},
    ]
    outer = host.run(host.make(one({"Type": "Parallel", "Branches": branches, "End": True}), "Outer"))
    assert outer.status is ExecutionStatus.FAILED
    assert host.executions(waits)[0].status is ExecutionStatus.ABORTED


def test_executions_that_wait_for_themselves_come_to_an_end() -> None:
    host = HandHost()
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:Outer"
    outer = host.run(host.make(one(starting(arn)), "Outer"))
    assert outer.status is ExecutionStatus.FAILED
    assert len(host.executions(arn)) == 11


def test_a_task_can_stop_the_execution_that_it_is_in() -> None:
    host = HandHost()
    stops = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:stopExecution",
        "Parameters": {"ExecutionArn.$": "$$.Execution.Id", "Cause": "by itself"},
        "End": True,
    }
    record = host.run(host.make(one(stops)))
    assert (record.status, record.cause) == (ExecutionStatus.ABORTED, "by itself")


# activities


def test_a_worker_takes_a_task_and_answers_it() -> None:
    host = HandHost()
    host.activities.create("work")
    assert host.activities.create("work") == host.activities.get(WORK)
    arn = host.run(host.make(one({"Type": "Task", "Resource": WORK, "TimeoutSeconds": 20, "End": True})), {"n": 1}).arn
    host.hands.pass_time(100)
    assert host.types(arn)[-1] == "ActivityScheduled", "its time counts when a worker has it"
    poll = host.activities.poll(WORK, "anna")
    task = poll.wait(0)
    assert task is not None
    assert task.input == '{"n":1}'
    assert list(host.history(arn))[-1].details == {"workerName": "anna"}
    assert host.activities.poll(WORK).wait(0) is None
    host.tokens.succeed(task.token, "2")
    host.hands.work()
    assert host.execution(arn).output == "2"
    host.activities.delete(WORK)
    assert refusal(host.activities.poll, WORK) is RefusalReason.ACTIVITY_UNKNOWN


def test_a_task_goes_to_the_poll_that_waits_longest_and_back_when_that_has_gone() -> None:
    host = HandHost()
    host.activities.create("work")
    gone, first, second = (host.activities.poll(WORK, name) for name in ("gone", "first", "second"))
    arn = host.run(host.make(one({"Type": "Task", "Resource": WORK, "HeartbeatSeconds": 5, "End": True}))).arn
    assert second.wait(0) is None
    gone.close()
    gone.close()
    assert gone.wait(0) is None
    task = first.wait(0)
    assert task is not None
    host.hands.pass_time(6)
    assert host.execution(arn).error == "States.Timeout"
    assert "ActivityTimedOut" in host.types(arn)


def test_polls_end_with_their_host() -> None:
    host = HandHost()
    host.activities.create("work")
    polls = [host.activities.poll(WORK)]
    host.close()
    polls.append(host.activities.poll(WORK))
    assert [poll.wait(60) for poll in polls] == [None, None], "at once"


class Waiter:
    """An attempt that waits for a worker; `then` is done when one is about to have it, which is too late."""

    def __init__(self, then: Callable[[], None] | None = None) -> None:
        self.then = then

    def take_worker(self, worker_name: str | None) -> bool:
        if self.then is not None:
            self.then()
        return self.then is None


def test_a_poll_that_ends_as_it_takes_a_task_leaves_the_next_one_to_others() -> None:
    activities = HandHost().activities
    activities.create("work")
    poll = activities.poll(WORK)
    activities.schedule(WORK, ActivityTask("over", "{}"), Waiter(poll.close))
    activities.schedule(WORK, ActivityTask("next", "{}"), Waiter())
    assert poll.wait(0) is None
    assert activities.poll(WORK).wait(0) == ActivityTask("next", "{}")


def test_a_poll_ends_with_its_host_also_in_the_middle_of_taking_a_task() -> None:
    host = HandHost()
    host.activities.create("work")
    poll = host.activities.poll(WORK)
    host.activities.schedule(WORK, ActivityTask("over", "{}"), Waiter(host.close))
    assert poll.wait(1_000_000) is None, "at once"


def test_a_task_whose_execution_is_over_is_given_to_nobody() -> None:
    host = HandHost()
    host.activities.create("work")
    machine = host.make(one({"Type": "Task", "Resource": WORK, "End": True}))
    stopped = host.run(machine, "stopped").arn
    host.run(machine, "runs")
    poll = host.activities.poll(WORK)
    host.stop_execution(stopped)
    task = poll.wait(0)
    assert task is not None
    assert task.input == '"runs"'


def test_an_activity_that_does_not_exist_fails_the_execution_as_recorded() -> None:
    host = HandHost()
    record = host.run(host.make(one({"Type": "Task", "Resource": WORK, "End": True})))
    assert host.types(record.arn) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    assert "does not exist" in str(record.cause)


# Map Runs


def test_a_map_run_is_told_of_as_it_goes() -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "T",
        "States": {"T": waiting(End=True)},
    }
    state = {"Type": "Map", "ItemProcessor": processor, "Label": "L", "MaxConcurrency": 2, "End": True}
    host = HandHost()
    arn = host.run(host.make(one({**state, "ToleratedFailureCount": 1})), [1, 2, 3]).arn
    (run,) = host.map_runs.list(arn)
    assert (run.status, run.max_concurrency, run.tolerated_failure_count) == (ExecutionStatus.RUNNING, 2, 1)
    assert (run.items.running, run.items.pending, run.items.total) == (2, 1, 3)
    children = host.map_runs.executions(run.arn)
    assert len(children) == 2
    assert host.map_runs.update(run.arn, max_concurrency=3).max_concurrency == 3
    host.hands.work()
    children = host.map_runs.executions(run.arn)
    assert {child.item_count for child in children} == {1}
    assert host.machine_of(children[0].arn).label == "L"
    for number, child in enumerate(children):
        token = token_of(host, child.arn)
        host.tokens.succeed(token, str(number)) if number else host.tokens.fail(token, "Bad")
    host.hands.work()
    assert host.execution(arn).status is ExecutionStatus.SUCCEEDED
    run = host.map_runs.get(run.arn)
    assert (run.status, run.items.succeeded, run.items.failed) == (ExecutionStatus.SUCCEEDED, 2, 1)
    failed = host.map_runs.executions(run.arn, status="FAILED")
    assert [child.redrive_status for child in failed] == ["REDRIVABLE_BY_MAP_RUN"]
    assert refusal(host.map_runs.get, run.arn + "x") is RefusalReason.MAP_RUN_UNKNOWN
    assert refusal(host.execution, failed[0].arn + "x") is RefusalReason.EXECUTION_UNKNOWN


@pytest.mark.parametrize("pace", [VIRTUAL, REAL])
def test_an_express_child_has_five_minutes(pace: TimePace) -> None:
    wait = {"Type": "Wait", "Seconds": 400, "End": True}
    states = {"T": {"Type": "Task", "Resource": CALL["Resource"], "Next": "W"}, "W": wait}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    processor = {"ProcessorConfig": config, "StartAt": "T", "States": states}
    state = {"Type": "Map", "ItemProcessor": processor, "ToleratedFailurePercentage": 100, "End": True}
    for is_answered in (True, False):
        host = HandHost(Answers(T=TaskResult(1)), pace=pace)
        arn = host.start_execution(host.make(one(state)), "[1]").arn
        host.hands.work(with_calls=False)
        host.hands.calls.pop(0)()  # whether the items are known, or the result
        host.hands.work(with_calls=is_answered)
        host.hands.calls.clear()
        host.hands.pass_time(301)
        (run,) = host.map_runs.list(arn)
        assert (run.executions.timed_out, run.stopped) == (1, NOW + 300_000)
        assert host.execution(arn).status is ExecutionStatus.SUCCEEDED


# handlers' own server, and the end


def test_what_a_handler_sends_to_its_own_server_reaches_a_hosted_execution() -> None:
    callbacks = Callbacks()

    class Handler:
        def answer(self, request: TaskRequest) -> Answer | None:
            assert request.task_token is not None
            callbacks.expect(request.task_token)
            return None

    host = HandHost(Handler(), callbacks=callbacks)
    arn = host.run(host.make(one(waiting(End=True)))).arn
    body = {"taskToken": token_of(host, arn), "output": '"handler"'}
    assert callbacks.take("SendTaskHeartbeat", body) == (200, {})
    assert callbacks.take("SendTaskSuccess", {**body, "output": "{"})[1]["__type"].endswith("#InvalidOutput")
    assert callbacks.take("SendTaskSuccess", body) == (200, {})
    host.hands.work()
    assert host.execution(arn).output == '"handler"'
    assert callbacks.take("SendTaskFailure", body)[1]["__type"].endswith("#TaskTimedOut")
    host.close()
    assert callbacks.elsewhere is None


def test_nothing_outlives_a_host() -> None:
    entered, leave = threading.Event(), threading.Event()

    class Slow:
        def answer(self, request: TaskRequest) -> Answer | None:
            entered.set()
            leave.wait(LONGEST)
            return TaskResult(1)

    before = set(threading.enumerate())
    with ExecutionHost(Slow(), pace=REAL) as host:
        calls = host.machines.create(MachineSettings("Calls", json.dumps(one(CALL)), ROLE))[0].arn
        waits = host.machines.create(
            MachineSettings("Waits", json.dumps(one({"Type": "Wait", "Seconds": 900, "End": True})), ROLE)
        )[0].arn
        arns = [host.start_execution(arn).arn for arn in (calls, waits)]
        assert entered.wait(LONGEST)
        leave.set()
        assert host.wait_until_ended(arns[0], 20) is not None
        assert host.wait_until_ended(arns[1], 0) is None
    assert set(threading.enumerate()) == before
    assert host.execution(arns[1]).status is ExecutionStatus.ABORTED
    assert refusal(host.start_execution, calls) is RefusalReason.CLOSED


def test_many_executions_on_threads_all_end_as_one_does_alone() -> None:
    branches = [{"StartAt": f"B{n}", "States": {f"B{n}": CALL}} for n in range(3)]
    machine = one({"Type": "Parallel", "Branches": branches, "End": True})

    class Echo:
        def answer(self, request: TaskRequest) -> Answer | None:
            return TaskFailure("Odd") if request.input == 7 else TaskResult([request.state.name, request.input])

    with ExecutionHost(Echo(), keep=100) as host:
        arn = host.machines.create(MachineSettings("M", json.dumps(machine), ROLE))[0].arn
        arns = [host.start_execution(arn, str(number)).arn for number in range(60)]
        for number, each in enumerate(arns):
            record = host.wait_until_ended(each, 30)
            assert record is not None
            if number == 7:
                assert record.error == "Odd"
            else:
                assert json.loads(record.output or "") == [[f"B{n}", number] for n in range(3)]
            events = list(host.history(each))
            assert [event.id for event in events] == list(range(1, len(events) + 1))
