"""What `sfdebug run` tells of variables and of Map Runs: as text, and as one JSON object."""

from __future__ import annotations

import io
import json

from sfdebug.engine import Execution
from sfdebug.reports.map_runs import MOST_FAILURES, map_runs
from sfdebug.reports.result import RunResult, write_json, write_text
from sfdebug.simulation import simulate
from tests.debugger_runs import machine, passing
from tests.map_run_machines import INPUT, ORDERS, Workers


def orders(*failing: int) -> Execution:
    return simulate(ORDERS, INPUT, tasks=Workers(frozenset(failing)))


def told(execution: Execution) -> str:
    diagnostics = io.StringIO()
    write_text(RunResult.from_execution(execution), None, diagnostics)
    return diagnostics.getvalue()


def test_the_object_has_the_variables_at_the_end_and_the_map_runs() -> None:
    stream = io.StringIO()
    write_json(RunResult.from_execution(orders(2)), stream)
    result = json.loads(stream.getvalue())
    assert result["variables"] == {"count": 2, "limit": 10, "seen": True, "took": 10}
    (run,) = result["mapRuns"]
    assert run["state"] == "Each"
    assert run["childExecutions"] == {"total": 3, "succeeded": 2, "failed": 1}
    (failure,) = run["failures"]
    assert (failure["child"], failure["error"], failure["cause"]) == (2, "Boom", "no")
    assert failure["failedState"] == "Work"
    assert failure["status"] == "FAILED"


def test_without_variables_and_map_runs_nothing_is_said_of_them() -> None:
    result = RunResult.from_execution(simulate(machine(A=passing()), {})).as_dict()
    assert "variables" not in result
    assert "mapRuns" not in result


def test_failed_child_executions_are_told_also_when_the_execution_succeeds() -> None:
    assert told(orders(2)) == (
        "<definition>: Map Run of 'Each': 3 child executions, 2 succeeded, 1 failed\n  child 2 in 'Work': Boom: no\n"
    )
    assert told(orders()) == ""


def test_a_map_run_that_fails_is_told_before_the_error() -> None:
    lines = told(orders(1, 2, 3)).splitlines()
    assert lines[0].startswith("<definition>: Map Run of 'Each': 3 child executions, 2 failed, 1 aborted")
    assert lines[1:3] == ["  child 1 in 'Work': Boom: no", "  child 2 in 'Work': Boom: no"]
    assert "FAILED in 'Sorry'" in lines[3]


def test_many_failures_are_only_counted() -> None:
    definition = json.loads(json.dumps(ORDERS))
    definition["States"]["Each"]["ToleratedFailurePercentage"] = 100
    del definition["States"]["Each"]["ToleratedFailureCount"]
    execution = simulate(definition, {"items": list(range(9))}, tasks=Workers(frozenset(range(9))))
    (run,) = map_runs(execution)
    assert run.failed == 9
    lines = told(execution).splitlines()
    assert lines[MOST_FAILURES + 1] == "  and 4 more (--json lists them all)"
