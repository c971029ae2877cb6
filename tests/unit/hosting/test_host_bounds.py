"""What a host bears: executions that come back to memory, ends at bad moments, limits of who is waited for outside,
calls that wait for one another, floods; nothing hangs, and nothing grows beyond what runs."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from typing import Any

import pytest

from sfdebug.engine import ExecutionStatus, step
from sfdebug.engine.execution.decisions import Answer, AnswerTask, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.hosting.clock import VIRTUAL
from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.records import MachineSettings
from sfdebug.hosting.refusals import RefusalReason
from sfdebug.hosting.scheduling import ThreadScheduler
from tests.hosted_runs import NOW, ROLE, HandClock, HandHost, token_of, waiting
from tests.unit.hosting.test_holding import chain
from tests.unit.hosting.test_host import starting
from tests.unit.hosting.test_hosted import CALL, Answers, one, refusal

LONG = 30.0
"""Seconds that nothing here takes."""


# memory


def test_a_redriven_execution_stays_in_memory_while_it_runs() -> None:
    answers = Answers(A=TaskFailure("Bad"))
    host = HandHost(answers, keep=1)
    machine = host.make(one(CALL))
    first = host.run(machine).arn
    hosted = host.hosted(first)
    second = host.run(machine).arn
    assert refusal(host.execution, first) is RefusalReason.EXECUTION_UNKNOWN
    hosted.redrive()
    hosted.hold()
    for _ in range(3):
        host.run(machine)
    assert host.execution(first).status is ExecutionStatus.RUNNING
    assert refusal(host.execution, second) is RefusalReason.EXECUTION_UNKNOWN
    hosted.release()
    host.hands.work()
    assert [one.facts.arn for one in host.hosted_executions()] == [first]


def test_who_tells_late_of_an_end_does_not_send_away_what_runs_again() -> None:
    host = HandHost(Answers(A=TaskFailure("Bad")), keep=1)
    machine = host.make(one(CALL))
    hosted = host.hosted(host.run(machine).arn)
    hosted.redrive()
    host.ended(hosted)  # of the end before the redrive
    host.start_execution(machine, name="other")
    host.stop_execution(host.hosted_executions()[0].facts.arn)
    assert host.execution(hosted.facts.arn).status is ExecutionStatus.RUNNING
    host.hands.work()
    assert host.execution(hosted.facts.arn).redrive_count == 1


def test_another_execution_that_has_the_arn_by_now_keeps_it() -> None:
    host = HandHost(Answers(A=TaskFailure("Bad")), keep=1)
    machine = host.make(one(CALL))
    first = host.hosted(host.run(machine, name="same").arn)
    host.run(machine)
    second = host.run(machine, name="same")
    assert refusal(first.redrive) is RefusalReason.EXECUTION_UNKNOWN
    assert first.execution.status is ExecutionStatus.FAILED
    assert host.execution(first.facts.arn) == second


def test_a_redrive_on_a_closed_host_starts_nothing() -> None:
    answers = Answers(A=TaskFailure("Bad"))
    host = HandHost(answers)
    arn = host.run(host.make(one(CALL))).arn
    before = host.execution(arn)
    host.close()
    assert refusal(host.redrive_execution, arn) is RefusalReason.CLOSED
    assert host.execution(arn) == before
    assert not host.hands.jobs


def test_who_waited_for_an_execution_is_not_kept_in_memory_by_it() -> None:
    host = HandHost(keep=2)
    inner = host.make(one({"Type": "Fail", "Error": "Bad"}), "Inner")
    outer = host.hosted(host.run(host.make(one(starting(inner)), "Outer")).arn)
    (child,) = (hosted for hosted in host.hosted_executions() if hosted is not outer)
    child.redrive()
    host.run(inner)
    assert set(host.hosted_executions()) > {child}
    assert outer not in host.hosted_executions()
    gone = weakref.ref(outer)
    del outer
    gc.collect()
    assert gone() is None


def test_a_flood_of_starts_leaves_what_is_kept_and_no_more() -> None:
    host = HandHost(Answers(A=TaskResult(1), B=TaskResult(2)), keep=5)
    machine = host.make(chain("W", "A", "B", W={"Type": "Wait", "Seconds": 60}, A=CALL, B=waiting()))
    for number in range(300):
        host.start_execution(machine, name=str(number))
        if number % 30 == 0:
            host.hands.work()
    host.hands.work()
    assert len(host.hosted_executions()) == 5
    assert (len(host.tokens), host.hands.pending, host.hands.jobs, host.hands.calls) == (0, [], [], [])


# one moment


def test_a_record_is_of_one_moment() -> None:
    host = HandHost()
    hosted = host.hosted(host.run(host.make(one(waiting(End=True)))).arn)
    running = hosted.execution
    host.stop_execution(hosted.facts.arn)
    over = hosted.execution

    class Changing:
        """Is over when it is looked at for the second time."""

        facts, since = hosted.facts, hosted.since

        def __init__(self) -> None:
            self.looks = iter((running, over, over, over))

        @property
        def execution(self) -> Any:
            return next(self.looks)

        def passed_since(self, execution: Any) -> int:
            return 0

    from sfdebug.hosting.describing import record_of

    record: Any = record_of(Changing())  # type: ignore[arg-type]
    assert (record.status, record.stopped, record.redrive_reason) == (
        ExecutionStatus.RUNNING,
        None,
        "Execution is RUNNING and cannot be redriven",
    )
    hosted_too: Any = Changing()
    host._memory._executions[hosted.facts.arn] = hosted_too
    (listed,) = host.executions(status="RUNNING")
    assert listed.status is ExecutionStatus.RUNNING


# time


def beside(state: dict[str, Any], seconds: int, **more: Any) -> dict[str, Any]:
    """A machine that waits so long in a branch beside another state."""
    branches = [
        {"StartAt": "B", "States": {"B": state}},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}},
    ]
    return one({"Type": "Parallel", "Branches": branches, "End": True}, **more)


@pytest.mark.parametrize("limit", [{"TimeoutSeconds": 30}, {"HeartbeatSeconds": 30}])
def test_virtual_time_does_not_jump_over_the_time_of_somebody_outside(limit: dict[str, int]) -> None:
    host = HandHost()
    arn = host.run(host.make(beside(waiting(End=True, **limit), 3_600))).arn
    host.hands.pass_time(29)
    assert "WaitStateExited" not in host.types(arn), "an hour would be over, and thirty seconds not yet"
    host.tokens.succeed(token_of(host, arn), "1")
    host.hands.work()
    assert host.execution(arn).status is ExecutionStatus.SUCCEEDED
    assert host.execution(arn).stopped == NOW + 3_600_000
    late = host.run(host.make(beside(waiting(End=True, **limit), 20), "Late")).arn
    assert "WaitStateExited" in host.types(late)
    host.hands.pass_time(9)
    assert not host.execution(late).is_over
    host.hands.pass_time(2)
    assert (host.execution(late).error, host.execution(late).stopped) == (
        "States.Timeout",
        host.execution(late).started + 30_000,
    )


def test_virtual_time_does_not_jump_over_the_time_of_the_execution_while_somebody_is_waited_for() -> None:
    host = HandHost()
    arn = host.run(host.make(beside(waiting(End=True), 3_600, TimeoutSeconds=60))).arn
    host.hands.pass_time(50)
    assert not host.execution(arn).is_over
    host.hands.pass_time(11)
    assert host.execution(arn).status is ExecutionStatus.TIMED_OUT
    alone = host.run(host.make(one({"Type": "Wait", "Seconds": 3_600, "End": True}, TimeoutSeconds=60), "Alone"))
    assert alone.status is ExecutionStatus.TIMED_OUT


# what the engine cannot take


def test_what_the_engine_cannot_take_ends_the_execution_with_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(execution: Any, decision: Any) -> Any:
        if isinstance(decision, AnswerTask):
            raise RecursionError("maximum recursion depth exceeded")
        return step(execution, decision)

    monkeypatch.setattr("sfdebug.hosting.loop.step", broken)
    sent, called = HandHost(), HandHost(Answers(A=TaskResult(1)))
    arn = sent.run(sent.make(one(waiting(End=True)))).arn
    sent.tokens.succeed(token_of(sent, arn), "1")
    for host in (sent, called):
        record = sent.execution(arn) if host is sent else called.run(called.make(one(CALL)))
        assert (record.status, record.error) == (ExecutionStatus.ABORTED, "States.Runtime")
        assert "nested" in str(record.cause)
        assert (len(host.tokens), host.hands.pending) == (0, [])


# calls that wait for calls


def test_calls_that_wait_for_executions_which_call_go_on() -> None:
    """Each call of Outer starts an execution, and holds its thread until that is over, which needs a thread itself."""

    class Function:
        def answer(self, request: TaskRequest) -> Answer | None:
            if request.state.name == "Inner":
                return TaskResult(request.input)
            record = host.start_sync_execution(inner, json.dumps(request.input), wait=LONG)
            return TaskResult(json.loads(record.output or "null"))

    clock = HandClock()
    scheduler = ThreadScheduler(clock, callers=2, stalled=0.0)
    with ExecutionHost(Function(), pace=VIRTUAL, scheduler=scheduler, clock=clock) as host:
        inner = host.machines.create(
            MachineSettings("I", json.dumps({"StartAt": "Inner", "States": {"Inner": CALL}}), ROLE, "EXPRESS")
        )[0].arn
        outer = host.machines.create(MachineSettings("O", json.dumps(one(CALL)), ROLE))[0].arn
        arns = [host.start_execution(outer, str(number)).arn for number in range(12)]
        for number, arn in enumerate(arns):
            record = host.wait_until_ended(arn, LONG)
            assert record is not None
            assert record.output == str(number)
    assert not [one for one in threading.enumerate() if one.name.startswith("sfdebug-hosts")]


def test_threads_that_were_more_than_usual_end_when_nothing_is_queued() -> None:
    scheduler = ThreadScheduler(HandClock(), callers=1, stalled=0.0)
    free, done = threading.Event(), threading.Event()

    def waits() -> None:
        free.wait(LONG)

    scheduler.call(waits)
    scheduler.call(done.set)
    assert done.wait(LONG)
    free.set()
    scheduler.close(lambda: None)
    assert not [one for one in threading.enumerate() if one.name.startswith("sfdebug-hosts")]


# machines that nobody has


@pytest.mark.parametrize(
    ("pattern", "family"),
    [
        ("states:startExecution", "StepFunctions"),
        ("states:startExecution.sync:2", "StepFunctions"),
        ("states:startExecution.waitForTaskToken", "StepFunctions"),
        ("aws-sdk:sfn:startExecution", "Sfn"),
        ("aws-sdk:sfn:startSyncExecution", "Sfn"),
    ],
)
@pytest.mark.parametrize("tasks", [None, Answers()])
def test_a_machine_that_nobody_has_does_not_exist(pattern: str, family: str, tasks: Answers | None) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:Nobody"
    parameters: dict[str, Any] = {"StateMachineArn": arn, "Input": "{}" if "sdk" in pattern else {}}
    if "Token" in pattern:
        parameters["Input"] = {"token.$": "$$.Task.Token"}
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{pattern}",
        "Parameters": parameters,
        "Catch": [{"ErrorEquals": [f"{family}.StateMachineDoesNotExistException"], "Next": "Caught"}],
        "End": True,
    }
    host = HandHost(tasks)
    record = host.run(host.make({"StartAt": "A", "States": {"A": state, "Caught": {"Type": "Pass", "End": True}}}))
    assert record.status is ExecutionStatus.SUCCEEDED
    assert json.loads(record.output or "")["Cause"] == f"State Machine Does Not Exist: '{arn}'"


def test_who_knows_a_machine_that_is_not_here_is_asked_for_it() -> None:
    host = HandHost(Answers(A=TaskResult({"elsewhere": True})))
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:Elsewhere"
    assert host.run(host.make(one(starting(arn)))).output == '{"elsewhere":true}'
