"""Mistakes about how long a Wait is, and how long a Retrier waits."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, task
from tests.question_runs import Asking, check_answers


def waiting(**fields: Any) -> dict[str, Any]:
    return {"Type": "Wait", **fields}


def trying(*errors: str, **fields: Any) -> dict[str, Any]:
    """A Task that fails with these errors, one after the other."""

    def answer(request: TaskRequest) -> Answer:
        return TaskFailure(errors[request.attempt - 1]) if request.attempt <= len(errors) else TaskResult("done")

    return {"A": answer}


def retrying(*retriers: dict[str, Any]) -> dict[str, Any]:
    return machine(A=task(Retry=list(retriers)))


BUSY = {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 5}
FULL = {"ErrorEquals": ["Full"], "IntervalSeconds": 10}


def delay(retry: int = 1) -> Asked:
    return Asked(PredictKind.DELAY, retry=retry)


ASKED: dict[str, Asking] = {
    "Seconds": Asking(machine(A=waiting(Seconds=30, End=True)), delay()),
    "a Timestamp": Asking(
        machine(First=waiting(Seconds=20, Next="A"), A=waiting(Timestamp="2025-01-01T00:01:00Z", End=True)),
        delay(),
        over=1,
    ),
    "a Timestamp that has passed": Asking(machine(A=waiting(Timestamp="2024-12-31T00:00:00Z", End=True)), delay()),
    "the first retry": Asking(retrying(BUSY), delay(), {}, trying("Busy", "Busy")),
    "the third retry": Asking(retrying(BUSY), delay(3), {}, trying("Busy", "Busy", "Busy")),
    "a longest delay": Asking(retrying({**BUSY, "MaxDelaySeconds": 10}), delay(3), {}, trying("Busy", "Busy", "Busy")),
    "two Retriers": Asking(retrying(BUSY, FULL), delay(3), {}, trying("Busy", "Busy", "Full")),
    "no BackoffRate written": Asking(retrying(FULL), delay(2), {}, trying("Full", "Full")),
}

EXPECTED: dict[str, Any] = {
    "Seconds": (
        30,
        [
            ("wait-in-minutes", 1800, ("A", "Wait", "30")),
            ("wait-in-milliseconds", 0.03, ("A", "Wait", "30")),
            ("no-wait", 0, ("A", "30")),
        ],
    ),
    "a Timestamp": (
        40,
        [
            (
                "timestamp-from-start",
                60,
                ("A", "Timestamp", "20"),
            ),
            ("no-wait", 0, ("A", "40")),
        ],
    ),
    "a Timestamp that has passed": (
        0,
        [
            (
                "timestamp-passed-waits",
                86400,
                ("A",),
            ),
            (
                "timestamp-passed-fails",
                "fails: States.Runtime",
                ("A",),
            ),
        ],
    ),
    "the first retry": (
        2,
        [
            (
                "rate-before-first",
                6,
                ("BackoffRate", "Retrier", "IntervalSeconds", "2"),
            ),
            (
                "interval-by-default",
                1,
                ("IntervalSeconds", "Retrier", "2", "1"),
            ),
            (
                "retry-at-once",
                0,
                ("A", "Retrier", "IntervalSeconds", "2"),
            ),
        ],
    ),
    "the third retry": (
        18,
        [
            (
                "backoff-ignored",
                2,
                ("BackoffRate", "3", "2", "18"),
            ),
            ("rate-before-first", 54, ("BackoffRate", "Retrier", "2", "3", "18")),
            (
                "backoff-linear",
                6,
                ("BackoffRate", "2", "3", "18"),
            ),
            (
                "delays-added-up",
                26,
                ("A", "18"),
            ),
            (
                "interval-by-default",
                1,
                ("IntervalSeconds", "Retrier", "2", "1"),
            ),
            ("retry-at-once", 0, ("A", "Retrier", "2", "3", "18")),
        ],
    ),
    "a longest delay": (
        10,
        [
            (
                "max-delay-ignored",
                18,
                ("MaxDelaySeconds", "10", "Retrier"),
            ),
            (
                "backoff-ignored",
                2,
                ("BackoffRate", "3", "2", "18", "MaxDelaySeconds", "10"),
            ),
            (
                "backoff-linear",
                6,
                ("BackoffRate", "2", "3", "18", "MaxDelaySeconds", "10"),
            ),
            (
                "interval-by-default",
                1,
                ("IntervalSeconds", "Retrier", "2", "1"),
            ),
            (
                "retry-at-once",
                0,
                ("A", "Retrier", "2", "3", "18", "MaxDelaySeconds", "10"),
            ),
        ],
    ),
    "two Retriers": (
        10,
        [
            (
                "common-counter",
                40,
                ("Retrier", "1", "2,", "IntervalSeconds", "10"),
            ),
            (
                "rate-before-first",
                20,
                ("BackoffRate", "Retrier", "IntervalSeconds", "10"),
            ),
            (
                "delays-added-up",
                18,
                ("A", "10"),
            ),
            (
                "interval-by-default",
                1,
                ("IntervalSeconds", "Retrier", "10", "1"),
            ),
            (
                "retry-at-once",
                0,
                ("A", "Retrier", "IntervalSeconds", "10"),
            ),
        ],
    ),
    "no BackoffRate written": (
        20,
        [
            (
                "backoff-ignored",
                10,
                ("BackoffRate", "2", "10", "20"),
            ),
            ("rate-before-first", 40, ("BackoffRate", "Retrier", "10", "2", "20")),
            (
                "delays-added-up",
                30,
                ("A", "20"),
            ),
            (
                "interval-by-default",
                1,
                ("IntervalSeconds", "Retrier", "10", "1"),
            ),
            ("retry-at-once", 0, ("A", "Retrier", "10", "2", "20")),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])
