"""Where an execution, or a child execution, is stopped from outside: nothing of it is left running."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import Execution, ExecutionStatus
from sfdebug.engine.execution.visit import VisitStatus
from tests.engine_machines import PASS, WORK, distributed, scope, wait
from tests.engine_runs import begin, finish, one, run, types, visit

THRESHOLD = "States.ExceedToleratedFailureThreshold"
PARALLEL: dict[str, Any] = {"Type": "Parallel", "Branches": [scope(W=wait(50)), scope(V=wait(60))], "End": True}
MAP: dict[str, Any] = {"Type": "Map", "ItemProcessor": scope(W=wait(50)), "End": True}
LOOP: dict[str, Any] = scope(X={"Type": "Pass", "Next": "Y"}, Y={"Type": "Pass", "Next": "X"})


def everything_is_over(execution: Execution) -> None:
    assert list(execution.branches) in ([], [()])
    assert not execution.children
    assert all(child.status is not ExecutionStatus.RUNNING for child in execution.ended_children)
    assert all(child.ended_at is not None for child in execution.ended_children)
    assert len(execution.visits) == execution.visit_count
    assert all(visit.status is not VisitStatus.RUNNING for visit in execution.visits)


@pytest.mark.parametrize(
    "state", [wait(50), PARALLEL, MAP, distributed(scope(W=wait(50)))], ids=["Wait", "Parallel", "Map", "distributed"]
)
def test_the_time_of_the_whole_execution_is_over(state: dict[str, Any]) -> None:
    ended = run({"TimeoutSeconds": 5, **one(state)}, [1, 2])
    assert (ended.status, ended.clock) == (ExecutionStatus.TIMED_OUT, 5000)
    assert types(ended)[-1] == "ExecutionTimedOut"
    everything_is_over(ended)
    assert visit(ended, "A").status is VisitStatus.ABORTED
    assert {child.status for child in ended.ended_children} <= {ExecutionStatus.ABORTED}


@pytest.mark.parametrize("state", [PARALLEL, MAP, distributed(LOOP)], ids=["Parallel", "Map", "distributed"])
def test_the_history_is_full(state: dict[str, Any]) -> None:
    ended = run(one(state), [1, 2], max_history_events=5)
    assert (ended.status, len(ended.events)) == (ExecutionStatus.FAILED, 5)
    assert types(ended)[-1] == "ExecutionFailed"
    everything_is_over(ended)


def test_the_history_of_a_child_is_full() -> None:
    ended = finish(begin(one(distributed(LOOP)), [1], max_history_events=40), most=400)
    assert ended.error == THRESHOLD
    (child,) = ended.ended_children
    assert (child.status, len(child.events)) == (ExecutionStatus.FAILED, 40)
    assert child.fault is not None
    assert child.fault.error == "States.Runtime"
    everything_is_over(ended)


def test_an_express_child_may_take_five_minutes() -> None:
    """Source: service quotas, "Maximum execution time" of an Express workflow."""
    ended = run(one(distributed(scope(W=wait(299)), kind="EXPRESS")), [1])
    assert (ended.status, ended.clock) == (ExecutionStatus.SUCCEEDED, 299_000)
    late = run(one(distributed(scope(W=wait(900)), kind="EXPRESS"), B=PASS), [1, 2])
    assert (late.error, late.clock) == (THRESHOLD, 300_000)
    statuses = [child.status for child in late.ended_children]
    assert statuses == [ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED]
    assert late.ended_children[0].history[-1]["type"] == "ExecutionTimedOut"
    everything_is_over(late)


def test_children_that_time_out_can_be_tolerated() -> None:
    waits = scope(W={"Type": "Wait", "SecondsPath": "$", "End": True})
    ended = run(one(distributed(waits, kind="EXPRESS", ToleratedFailureCount=1)), [900, 1])
    assert (ended.status, ended.clock) == (ExecutionStatus.SUCCEEDED, 300_000)
    assert isinstance(ended.output, list)
    assert ended.output[1] == 1
    assert ended.output[0]["Status"] == "TIMED_OUT"


def test_a_standard_child_has_the_time_of_a_standard_execution() -> None:
    ended = run(one(distributed(scope(W=wait(100_000)))), [1])
    assert (ended.status, ended.clock) == (ExecutionStatus.SUCCEEDED, 100_000_000)


def test_what_would_have_come_later_does_not() -> None:
    ended = run(
        {"TimeoutSeconds": 5, **one(distributed(scope(W={"Type": "Wait", "Seconds": 9, "Next": "T"}, T=WORK)))}, [1]
    )
    assert ended.status is ExecutionStatus.TIMED_OUT
    everything_is_over(ended)
