"""Mistakes about what is counted."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine import Settings
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.lessons.model import Asked, PredictKind
from sfdebug.limits import ExecutionType
from tests.debugger_runs import machine, passing, task
from tests.engine_machines import distributed, invoke, scope
from tests.question_runs import Asking, check_answers


def busy_twice(request: TaskRequest) -> Answer:
    return TaskFailure("Busy") if request.attempt <= 2 else TaskResult("done", after_seconds=1)


RETRY = [{"ErrorEquals": ["Busy"]}]
CHARGE = machine(Charge=task("Ship", Retry=RETRY), Ship=passing())
BUSY = {"Charge": busy_twice}
AGAIN = {"Variable": "$.n", "NumericLessThan": 3, "Next": "Count"}
LOOP = machine(
    Count=passing("Enough", Parameters={"n.$": "States.MathAdd($.n, 1)"}),
    Enough={
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericLessThan": 3, "Next": "Count"}],
        "Default": "Done",
    },
    Done={"Type": "Succeed"},
)
EACH = machine(
    Each={
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrency": 2,
        "ItemProcessor": scope(Work=passing()),
        "End": True,
    }
)
BATCHES = machine(Each=distributed(scope(Work=passing()), ItemsPath="$.items", ItemBatcher={"MaxItemsPerBatch": 2}))
ITSELF = {"Each": lambda request: None}
FIVE: dict[str, Any] = {"items": [1, 2, 3, 4, 5]}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]
CAUGHT = machine(Charge=task("Ship", Retry=RETRY, Catch=CATCH), Ship=passing(), Sorry=passing())
INVOKED = machine(Charge=invoke(Parameters={"FunctionName": "f"}))
EXPRESS = Settings(execution_type="EXPRESS")


def count(of: str, state: str = "") -> Asked:
    return Asked(PredictKind.COUNT, of=of, state=state)


def visits(state: str) -> Asked:
    return Asked(PredictKind.VISITS, state=state)


def metric(name: str) -> Asked:
    return Asked(PredictKind.METRIC, name=name)


def cost(*types: ExecutionType, runs: int = 1_000_000) -> Asked:
    return Asked(PredictKind.COST, runs=runs, types=types)


ASKED: dict[str, Asking] = {
    "visits with retries": Asking(CHARGE, visits("Charge"), {}, BUSY),
    "visits in a loop": Asking(LOOP, visits("Count"), {"n": 0}),
    "visits in a Map": Asking(EACH, visits("Work"), FIVE),
    "no visit": Asking(CAUGHT, visits("Sorry"), {}, BUSY),
    "transitions": Asking(CHARGE, count("transitions"), {}, BUSY),
    "events": Asking(CHARGE, count("events"), {}, BUSY),
    "transitions of a loop": Asking(LOOP, count("transitions"), {"n": 0}),
    "events of a loop": Asking(LOOP, count("events"), {"n": 0}),
    "iterations": Asking(EACH, count("iterations"), FIVE),
    "batches": Asking(BATCHES, count("iterations", "Each"), FIVE, ITSELF),
    "child executions": Asking(BATCHES, count("executions"), FIVE, ITSELF),
    "failures that are caught": Asking(
        CAUGHT, metric("ExecutionsFailed"), {}, {"Charge": lambda request: TaskFailure("Busy")}
    ),
    "executions that time out": Asking(
        {**machine(A={"Type": "Wait", "Seconds": 9, "End": True}), "TimeoutSeconds": 5}, metric("ExecutionsFailed")
    ),
    "executions that are started": Asking(CHARGE, metric("ExecutionsStarted"), {}, BUSY),
    "functions that fail": Asking(INVOKED, metric("LambdaFunctionsFailed"), {}, {"Charge": lambda r: TaskFailure("X")}),
    "functions that fail before they do not": Asking(CAUGHT, metric("LambdaFunctionsFailed"), {}, BUSY),
    "functions whose failure is caught": Asking(
        CAUGHT, metric("LambdaFunctionsFailed"), {}, {"Charge": lambda request: TaskFailure("Broken")}
    ),
    "the cost of Standard": Asking(CHARGE, cost(ExecutionType.STANDARD), {}, BUSY),
    "the cost of Express": Asking(CHARGE, cost(ExecutionType.EXPRESS), {}, BUSY, settings=EXPRESS),
    "which is cheaper": Asking(CHARGE, cost(), {}, BUSY),
}

EXPECTED: dict[str, Any] = {
    "visits with retries": (
        1,
        [
            ("attempts-for-visits", 3, ("Charge",)),
            ("entered-or-not", 0, ("Charge",)),
            ("entered-or-not", 2, ("Charge",)),
        ],
    ),
    "visits in a loop": (
        3,
        [
            ("entered-once-for-all", 1, ("Count",)),
            ("turns-miscounted", 2, ("Count", "3")),
            ("turns-miscounted", 4, ("Count", "3")),
        ],
    ),
    "visits in a Map": (
        5,
        [("entered-once-for-all", 1, ("Each", "Work", "5"))],
    ),
    "no visit": (
        0,
        [
            ("entered-or-not", 1, ("Sorry",)),
            ("entered-or-not", 2, ("Sorry",)),
        ],
    ),
    "transitions": (
        4,
        [
            ("retries-free", 2, ("2",)),
            (
                "events-for-transitions",
                15,
                ("15",),
            ),
            (
                "start-is-transition",
                5,
                (),
            ),
        ],
    ),
    "events": (
        15,
        [
            (
                "transitions-for-events",
                4,
                ("4",),
            ),
            ("count-off-by-one", 16, ("15",)),
            ("count-off-by-one", 14, ("15",)),
        ],
    ),
    "transitions of a loop": (
        7,
        [
            (
                "events-for-transitions",
                16,
                ("16",),
            ),
            (
                "states-for-transitions",
                3,
                ("3",),
            ),
            (
                "start-is-transition",
                8,
                (),
            ),
        ],
    ),
    "events of a loop": (
        16,
        [
            (
                "transitions-for-events",
                7,
                ("7",),
            ),
            (
                "two-events-a-state",
                14,
                ("Entered", "Exited", "Tasks", "Maps", "Parallels"),
            ),
            ("count-off-by-one", 17, ("16",)),
            ("count-off-by-one", 15, ("16",)),
        ],
    ),
    "iterations": (
        5,
        [
            ("concurrency-for-count", 2, ("MaxConcurrency", "2")),
            ("one-run-for-all", 1, ("Each", "5")),
            ("count-off-by-one", 6, ("5",)),
            ("count-off-by-one", 4, ("5",)),
        ],
    ),
    "batches": (
        3,
        [
            ("items-for-batches", 5, ("ItemBatcher", "5")),
            ("one-run-for-all", 1, ("3",)),
            ("count-off-by-one", 4, ("3",)),
            ("count-off-by-one", 2, ("3",)),
        ],
    ),
    "child executions": (
        3,
        [
            ("one-run-for-all", 1, ("3",)),
            ("parent-counted", 4, ()),
        ],
    ),
    "failures that are caught": (
        0,
        [
            (
                "handled-failures-counted",
                4,
                ("ExecutionsFailed", "FAILED"),
            ),
            ("metric-left-or-not", 2, ("ExecutionsFailed",)),
            (
                "handled-failures-counted",
                1,
                ("ExecutionsFailed", "FAILED"),
            ),
        ],
    ),
    "executions that time out": (
        0,
        [
            (
                "timed-out-is-failed",
                1,
                ("TIMED_OUT", "ExecutionsFailed"),
            ),
            ("metric-left-or-not", 2, ("ExecutionsFailed",)),
        ],
    ),
    "executions that are started": (
        1,
        [
            (
                "started-counted-twice",
                2,
                ("1", "0"),
            ),
            ("metric-left-or-not", 0, ("ExecutionsStarted", "1")),
        ],
    ),
    "functions that fail": (
        0,
        [
            (
                "other-metric-family",
                1,
                ("Task", "Resource", "ARN", "Lambda"),
            ),
            ("metric-left-or-not", 2, ("LambdaFunctionsFailed",)),
        ],
    ),
    "functions that fail before they do not": (
        2,
        [
            ("calls-miscounted", 0, ("retry", "LambdaFunctionsFailed")),
            ("calls-miscounted", 3, ("3", "LambdaFunctionsFailed", "2")),
        ],
    ),
    "functions whose failure is caught": (
        1,
        [
            ("calls-miscounted", 0, ("Catcher", "LambdaFunctionsFailed")),
            ("metric-left-or-not", 2, ("LambdaFunctionsFailed", "1")),
        ],
    ),
    "the cost of Standard": (
        "$100.00",
        [
            ("retries-not-billed", "$50.00", ("2",)),
            ("events-billed", "$375.00", ()),
            (
                "billed-by-execution",
                "$25.00",
                ("4,",),
            ),
            ("other-type", "$5.17", ("$100.00", "Express", "$5.17")),
        ],
    ),
    "the cost of Express": (
        "$5.17",
        [
            (
                "express-by-transitions",
                "$100.00",
                (),
            ),
            (
                "express-time-free",
                "$1.00",
                ("Express", "64", "MB"),
            ),
            (
                "express-by-transitions",
                "$4.00",
                (),
            ),
        ],
    ),
    "which is cheaper": (
        "EXPRESS",
        [
            (
                "other-type",
                "STANDARD",
                ("$100.00", "Express", "$5.17"),
            ),
            (
                "other-type",
                "the same",
                ("$100.00", "Express", "$5.17"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])
