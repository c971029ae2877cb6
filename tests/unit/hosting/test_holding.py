"""Held executions: where they are held, that nothing of them moves meanwhile, and what comes of all that arrives."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from sfdebug.debugger.breakpoints.breakpoint import Trigger
from sfdebug.debugger.breakpoints.breakpoint_texts import parse_breakpoint
from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.hosting.breakpoint_holding import BreakpointHolder
from sfdebug.hosting.clock import REAL, VIRTUAL, TimePace
from sfdebug.hosting.holding import HoldKind
from sfdebug.hosting.hosted import HostedExecution
from sfdebug.hosting.refusals import RefusalReason
from tests.hosted_runs import NOW, HandHost, token_of, waiting
from tests.unit.hosting.test_host import WORK, starting
from tests.unit.hosting.test_hosted import CALL, Answers, looping, one, refusal

PASS = {"Type": "Pass", "End": True}
WAIT = {"Type": "Wait", "Seconds": 10, "End": True}


def chain(*names: str, **states: Any) -> dict[str, Any]:
    """A machine of Pass states in a row, but for those that are given."""
    following = dict(pairwise(names))
    made = {}
    for name in names:
        state = {key: value for key, value in states.get(name, {"Type": "Pass"}).items() if key != "End"}
        made[name] = {**state, **({"Next": following[name]} if name in following else {"End": True})}
    return {"StartAt": names[0], "States": made}


def holding_at(*texts: str, **more: Any) -> BreakpointHolder:
    return BreakpointHolder([parse_breakpoint(text, ("A", "B", "C", "L")) for text in texts], **more)


def is_held(hosted: HostedExecution, kind: HoldKind | None = None) -> bool:
    return hosted.held is not None and kind in (None, hosted.held.reason.kind)


def entered(host: HandHost, arn: str) -> list[str]:
    return [event.state for event in host.history(arn) if event.type.endswith("StateEntered")]


# where


def test_every_start_is_held_before_its_first_state() -> None:
    host = HandHost(holder=BreakpointHolder(holds_starts=True))
    arn = host.run(host.make(chain("A", "B"))).arn
    hosted = host.hosted(arn)
    assert hosted.held is not None
    assert (hosted.held.reason.kind, hosted.held.since) == (HoldKind.START, NOW)
    assert (host.execution(arn).status, host.types(arn)) == (ExecutionStatus.RUNNING, ["ExecutionStarted"])
    hosted.release()
    hosted.release()
    host.hands.work()
    assert host.execution(arn).status is ExecutionStatus.SUCCEEDED
    assert hosted.held is None


def test_a_breakpoint_on_a_state_holds_before_it_once() -> None:
    host = HandHost(holder=holding_at("B"))
    arn = host.run(host.make(chain("A", "B", "C"))).arn
    held = host.hosted(arn).held
    assert held is not None
    assert [hit.breakpoint.trigger for hit in held.reason.hits] == [Trigger.STATE]
    assert entered(host, arn) == ["A"]
    host.hosted(arn).release()
    host.hands.work()
    assert host.execution(arn).status is ExecutionStatus.SUCCEEDED


def test_conditions_and_hits_count_along_each_execution() -> None:
    turns = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Again?"}
    machine = looping(turns)
    machine["States"]["Again?"]["Choices"] = [{"Variable": "$.n", "NumericGreaterThan": 6, "Next": "End"}]
    host = HandHost(holder=holding_at("L hit 3", "L if $.n == 5"))
    arns = [host.run(host.make(machine), {"n": 0}).arn for _ in range(2)]
    for arn in arns:
        places = []
        while (held := host.hosted(arn).held) is not None:
            places.append((len(entered(host, arn)), [hit.number for hit in held.reason.hits]))
            host.hosted(arn).release()
            host.hands.work()
        assert places == [(4, [3]), (10, [0])], "before the third turn, and before that with n at 5"
        assert host.execution(arn).status is ExecutionStatus.SUCCEEDED


def test_a_condition_that_cannot_be_told_holds_and_says_so() -> None:
    host = HandHost(holder=holding_at("B if $.none.there == 1"))
    held = host.hosted(host.run(host.make(chain("A", "B"))).arn).held
    assert held is not None
    assert "none" in held.reason.hits[0].problem


def test_a_fault_holds_before_anybody_takes_it() -> None:
    retry = [{"ErrorEquals": ["Bad"], "MaxAttempts": 1}]
    host = HandHost(Answers(A=TaskFailure("Bad")), holder=holding_at("fault"))
    arn = host.run(host.make(one({**CALL, "Retry": retry}))).arn
    for attempts in (1, 2):
        assert host.hosted(arn).held is not None
        assert host.types(arn).count("LambdaFunctionFailed") == attempts
        host.hosted(arn).release()
        host.hands.work()
    assert host.execution(arn).error == "Bad"


def test_breakpoints_may_come_and_go_and_some_only_say_something() -> None:
    said: list[tuple[str, str]] = []
    holder = holding_at('A log "{$.n}"', say=lambda facts, text: said.append((facts.name, text)))
    host = HandHost(holder=holder)
    machine = host.make(chain("A", "B"))
    assert host.run(machine, {"n": 7}, "first").status is ExecutionStatus.SUCCEEDED
    assert said == [("first", "7")]
    holder.breakpoints[:] = [parse_breakpoint("B", ("B",))]
    second = host.run(machine, {"n": 8}).arn
    assert host.hosted(second).held is not None
    holder.breakpoints.clear()
    host.hosted(second).release()
    assert host.run(machine).status is ExecutionStatus.SUCCEEDED
    assert host.execution(second).status is ExecutionStatus.SUCCEEDED


# nothing moves


@pytest.mark.parametrize("pace", [REAL, TimePace(0.1)])
def test_a_wait_lasts_as_long_as_it_says_without_the_time_in_which_it_was_held(pace: TimePace) -> None:
    host = HandHost(pace=pace)
    arn = host.run(host.make(one(WAIT))).arn
    host.hands.pass_time(3 * pace.scale)
    host.hosted(arn).hold()
    host.hosted(arn).hold()
    assert not host.hands.pending
    host.hands.pass_time(500)
    assert host.types(arn)[-1] == "WaitStateEntered"
    host.hosted(arn).release()
    host.hands.pass_time(6.9 * pace.scale)
    assert not host.execution(arn).is_over
    host.hands.pass_time(0.2 * pace.scale)
    assert host.execution(arn).stopped == NOW + 10_000


@pytest.mark.parametrize("pace", [VIRTUAL, REAL, TimePace(0.1)])
def test_no_token_expires_while_it_is_held_and_what_is_sent_counts_once_afterwards(pace: TimePace) -> None:
    host = HandHost(pace=pace)
    arn = host.run(host.make(one(waiting(TimeoutSeconds=30, HeartbeatSeconds=8, End=True)))).arn
    token, hosted = token_of(host, arn), host.hosted(arn)
    host.hands.pass_time(5 * (pace.scale or 1))
    hosted.hold()
    host.hands.pass_time(1000)
    host.tokens.heartbeat(token)
    before = host.types(arn)
    host.tokens.succeed(token, '"sent"')
    for again in (host.tokens.heartbeat, host.tokens.fail):
        assert refusal(again, token) is RefusalReason.TOKEN_TIMED_OUT
    host.hands.pass_time(1000)
    assert host.types(arn) == before
    hosted.release()
    host.hands.work()
    record = host.execution(arn)
    assert (record.output, record.stopped) == ('"sent"', NOW + 5_000)
    assert host.types(arn).count("TaskSucceeded") == 1


def test_a_call_that_comes_back_and_a_worker_that_comes_are_taken_when_it_goes_on() -> None:
    branches = [
        {"StartAt": "B", "States": {"B": CALL}},
        {"StartAt": "C", "States": {"C": {"Type": "Task", "Resource": WORK, "TimeoutSeconds": 5, "End": True}}},
    ]
    host = HandHost(Answers(B=TaskResult(1)), pace=REAL)
    host.activities.create("work")
    arn = host.start_execution(host.make(one({"Type": "Parallel", "Branches": branches, "End": True}))).arn
    host.hands.work(with_calls=False)
    host.hosted(arn).hold()
    before = host.types(arn)
    host.hands.work()
    task = host.activities.poll(WORK, "anna").wait(0)
    assert task is not None
    host.tokens.heartbeat(task.token)
    host.tokens.succeed(task.token, "2")
    host.hands.pass_time(100)
    assert host.types(arn) == before
    host.hosted(arn).release()
    host.hands.work()
    assert host.execution(arn).output == "[1,2]"
    assert host.types(arn).count("ActivityStarted") == 1


def test_who_waits_for_a_held_execution_has_time_and_sees_its_end() -> None:
    for pace in (VIRTUAL, REAL):
        host = HandHost(pace=pace, holder=holding_at("B"))
        inner = host.make(chain("A", "B"), "Inner")
        middle = host.make(one(starting(inner, ".sync:2", TimeoutSeconds=20)), "Middle")
        outer = host.run(host.make({"StartAt": "O", "States": {"O": starting(middle, TimeoutSeconds=30)}}, "Outer")).arn
        (child,) = (hosted for hosted in host.hosted_executions() if hosted.facts.machine.arn == inner)
        assert child.held is not None
        assert host.hosted(outer).is_paused
        host.hands.pass_time(100)
        assert not host.execution(outer).is_over
        child.release()
        host.hands.work()
        assert host.execution(outer).status is ExecutionStatus.SUCCEEDED
        assert not host.hosted(outer).is_paused


@pytest.mark.parametrize("ends", ["stop", "close"])
def test_a_held_execution_is_stopped_at_once(ends: str) -> None:
    host = HandHost()
    arn = host.run(host.make(one(waiting(End=True)))).arn
    hosted = host.hosted(arn)
    hosted.hold()
    host.tokens.succeed(token_of(host, arn), "1")
    host.stop_execution(arn, "Enough") if ends == "stop" else host.close()
    assert host.execution(arn).status is ExecutionStatus.ABORTED
    assert hosted.held is None
    hosted.release()
    hosted.hold()
    assert (hosted.held, hosted.step_held()) == (None, False)
    host.hands.work()
    assert host.types(arn)[-1] == "ExecutionAborted"


def test_a_client_that_waits_for_the_end_is_known() -> None:
    host = HandHost(holder=BreakpointHolder(holds_starts=True))
    machine = host.make(one(PASS), type="EXPRESS")
    assert host.start_sync_execution(machine).status is ExecutionStatus.RUNNING
    host.hands.work()
    (hosted,) = host.hosted_executions()
    assert hosted.is_sync
    assert (hosted.held is not None, hosted.since) == (True, NOW)
    assert not host.hosted(host.start_execution(machine).arn).is_sync


# step by step


def test_a_held_execution_makes_one_step_and_is_held_again() -> None:
    host = HandHost(holder=BreakpointHolder(holds_starts=True))
    arn = host.run(host.make(chain("A", "B"))).arn
    hosted, alone = host.hosted(arn), HandHost()
    seen = [host.types(arn)]
    while hosted.held is not None:
        assert hosted.step_held()
        host.hands.work()
        assert hosted.held is None or hosted.held.reason.kind is HoldKind.STEP
        seen.append(host.types(arn))
    assert seen[-1] == alone.types(alone.run(alone.make(chain("A", "B"))).arn)
    assert [len(types) for types in seen] == [1, 2, 3, 4, 6]
    assert host.execution(arn).status is ExecutionStatus.SUCCEEDED


def test_a_step_that_waits_for_something_lets_time_pass_until_it_comes() -> None:
    host = HandHost(pace=REAL)
    arn = host.run(host.make(chain("W", "A", W={"Type": "Wait", "Seconds": 10}))).arn
    hosted = host.hosted(arn)
    hosted.hold()
    assert not hosted.step_held()
    assert not is_held(hosted)
    host.hands.pass_time(11)
    assert is_held(hosted, HoldKind.STEP)
    assert entered(host, arn) == ["W"]
    host.hands.pass_time(100)
    hosted.release()
    host.hands.work()
    assert host.execution(arn).stopped == NOW + 10_000


def test_one_that_still_waits_to_make_its_step_can_be_released() -> None:
    host = HandHost()
    arn = host.run(host.make(chain("A", "B", A=waiting()))).arn
    hosted = host.hosted(arn)
    hosted.hold()
    assert not hosted.step_held()
    hosted.release()
    host.tokens.succeed(token_of(host, arn), "1")
    host.hands.work()
    assert host.execution(arn).status is ExecutionStatus.SUCCEEDED


def test_a_step_that_calls_something_is_made_when_it_comes_back() -> None:
    host = HandHost(Answers(A=TaskResult(1)), holder=holding_at("event TaskScheduled", "event LambdaFunctionScheduled"))
    arn = host.run(host.make(one(CALL))).arn
    hosted = host.hosted(arn)
    assert is_held(hosted, HoldKind.BREAKPOINT)
    assert host.types(arn)[-1] == "LambdaFunctionStarted"
    assert not hosted.step_held()
    assert not is_held(hosted)
    host.hands.work()
    assert is_held(hosted, HoldKind.STEP)
    assert host.types(arn)[-1] == "LambdaFunctionSucceeded"


def test_who_looks_on_is_told_of_each_hold() -> None:
    from tests.unit.hosting.test_observing import Witness

    witness = Witness()
    host = HandHost(observers=[witness], holder=holding_at("B"))
    arn = host.run(host.make(chain("A", "B"))).arn
    changes = host.changes
    host.hosted(arn).release()
    assert host.changes != changes
    host.hands.work()
    told = witness.of(arn)
    assert told == ["began", "decided", "held", "let go", "decided", "ended"]
    assert json.loads(host.execution(arn).output or "") == {}


def test_who_waits_for_a_held_execution_has_no_timer() -> None:
    host = HandHost(holder=holding_at("B"))
    inner = host.make(chain("A", "B"), "Inner")
    outer = host.run(host.make(one(starting(inner, TimeoutSeconds=20)), "Outer")).arn
    assert host.hosted(outer).is_paused
    assert not host.hands.pending
    host.stop_execution(outer)
    assert not host.hands.pending
