"""What was decided in hosted executions, kept within bounds: all of an execution, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

from sfdebug.hosting.breakpoint_holding import BreakpointHolder
from sfdebug.hosting.decision_log import DecisionLog
from tests.hosted_runs import HandHost, token_of, waiting
from tests.kept_hosts import KeptHost

PASSES = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}}
WAITS = {"StartAt": "A", "States": {"A": waiting(End=True)}}


def logged(most: int = 1_000) -> tuple[HandHost, DecisionLog]:
    """A host, and what is decided in it."""
    log = DecisionLog(most)
    return HandHost(observers=[log]), log


def test_all_that_is_decided_is_kept_in_order() -> None:
    host, log = logged()
    arn = host.run(host.make(PASSES), {}).arn
    decisions = list(host.hosted(arn).execution.decisions)
    assert list(log.decisions(arn) or ()) == decisions
    assert list(log.decisions(arn, since=1) or ()) == decisions[1:]
    assert log.decisions("arn:of:nobody") is None


def test_what_ended_first_is_let_go_of_first_and_what_runs_last() -> None:
    host, log = logged(most=7)
    waits, passes = host.make(WAITS, "Waits"), host.make(PASSES, "Passes")
    running = host.run(waits, {}).arn
    first, second, third = (host.run(passes, {}).arn for _ in range(3))
    assert log.decisions(running) is not None
    assert log.decisions(first) is None
    assert [log.decisions(arn) is not None for arn in (second, third)] == [True, True]


def test_the_longest_is_let_go_of_where_nothing_is_over() -> None:
    host, log = logged(most=3)
    machine = host.make(WAITS)
    first = host.run(machine, {}).arn
    second = host.run(machine, {}).arn
    kept = [arn for arn in (first, second) if log.decisions(arn) is not None]
    assert len(kept) == 1
    host.tokens.succeed(token_of(host, first), "{}")
    host.hands.work()
    assert host.execution(first).status == "SUCCEEDED"


def test_what_the_host_forgets_is_forgotten() -> None:
    log = DecisionLog()
    host = HandHost(observers=[log], keep=1)
    machine = host.make(PASSES)
    first, second = (host.run(machine, {}).arn for _ in range(2))
    assert log.decisions(first) is None
    assert log.decisions(second) is not None


def test_the_decisions_of_another_line_take_the_place_of_those_left_behind() -> None:
    log = DecisionLog()
    holder = BreakpointHolder(holds_starts=True)
    host = HandHost(observers=[log], holder=holder)
    arn = host.start_execution(host.make(PASSES), json.dumps({})).arn
    host.hands.work()
    hosted = host.hosted(arn)
    start = hosted.execution
    for _ in range(3):
        hosted.step_held()
    assert len(log.decisions(arn) or ()) == 3
    hosted.go_on_from(start)
    assert list(log.decisions(arn) or ()) == list(start.decisions)
    hosted.release()
    host.hands.work()
    assert list(log.decisions(arn) or ()) == list(hosted.execution.decisions)
    assert host.execution(arn).status == "SUCCEEDED"


def test_what_was_decided_in_another_process_is_kept_too(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store")
    arn = host.run(host.make(WAITS), {}).arn
    token = token_of(host, arn)
    wall, log = host.kill(), DecisionLog()
    then = KeptHost(host.path, wall=wall, observers=[log])
    assert list(log.decisions(arn) or ()) == list(then.hosted(arn).execution.decisions) != []
    then.hands.work()
    then.tokens.succeed(token, "{}")
    then.hands.work()
    assert then.execution(arn).status == "SUCCEEDED"
    assert list(log.decisions(arn) or ()) == list(then.hosted(arn).execution.decisions)


def test_what_ended_in_another_process_is_kept_when_it_is_redriven(tmp_path: Path) -> None:
    host = KeptHost(tmp_path / "store")
    arn = host.run(host.make(WAITS), {}).arn
    host.tokens.fail(token_of(host, arn), "E", "no")
    host.hands.work()
    wall, log = host.kill(), DecisionLog()
    then = KeptHost(host.path, wall=wall, observers=[log])
    assert log.decisions(arn) is None
    then.redrive_execution(arn)
    then.hands.work()
    assert list(log.decisions(arn) or ()) == list(then.hosted(arn).execution.decisions) != []
