"""Mistakes about Retry and Catch."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, passing, task
from tests.question_runs import Asking, check_answers, wrong

ATTEMPTS = Asked(PredictKind.ATTEMPTS)
CATCHER = Asked(PredictKind.CATCHER)


def failing(*errors: str, then: str = "") -> dict[str, Any]:
    """A Task that fails with these errors, then with another one for ever, or succeeds."""

    def answer(request: TaskRequest) -> Answer:
        if request.attempt <= len(errors):
            return TaskFailure(errors[request.attempt - 1], "why")
        return TaskFailure(then, "why") if then else TaskResult("done")

    return {"A": answer}


def retrying(*retriers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return machine(A=task("B", Retry=list(retriers), **fields), B=passing())


def catching(*names: list[str]) -> dict[str, Any]:
    """A Task with a Catcher for each of these lists."""
    catchers = [{"ErrorEquals": errors, "Next": f"C{number}"} for number, errors in enumerate(names, start=1)]
    return machine(A=task(Catch=catchers), **{f"C{number}": passing() for number in range(1, len(names) + 1)})


BUSY = {"ErrorEquals": ["Busy"], "MaxAttempts": 2}
FULL = {"ErrorEquals": ["Full"], "MaxAttempts": 2}
ANY = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}
TASKS = {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}

ASKED: dict[str, Asking] = {
    "retries that are used up": Asking(retrying(BUSY), ATTEMPTS, {}, failing(then="Busy")),
    "a retry that succeeds": Asking(retrying(ANY), ATTEMPTS, {}, failing("Busy")),
    "two Retriers": Asking(retrying(BUSY, FULL), ATTEMPTS, {}, failing("Busy", "Busy", "Full", "Full")),
    "a Retrier and a Catcher": Asking(
        retrying(BUSY, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), ATTEMPTS, {}, failing(then="Busy")
    ),
    "a timeout and TaskFailed": Asking(retrying(TASKS), ATTEMPTS, {}, failing(then="States.Timeout")),
    "MaxAttempts 0": Asking(retrying({**BUSY, "MaxAttempts": 0}), ATTEMPTS, {}, failing(then="Busy")),
    "an exception before the rule": Asking(
        retrying({**BUSY, "MaxAttempts": 0}, FULL, ANY), ATTEMPTS, {}, failing(then="Busy")
    ),
    "one that is used up before another": Asking(retrying(BUSY, ANY), ATTEMPTS, {}, failing(then="Busy")),
    "no Retry": Asking(machine(A=task()), ATTEMPTS, {}, failing(then="Busy")),
    "what cannot be retried": Asking(retrying(ANY, ResultSelector={"x.$": "$.no"}), ATTEMPTS, {}, failing()),
    "the first of two": Asking(
        catching(["States.TaskFailed"], ["Busy"], ["States.ALL"]), CATCHER, {}, failing(then="Busy")
    ),
    "a timeout": Asking(catching(["States.TaskFailed"], ["States.ALL"]), CATCHER, {}, failing(then="States.Timeout")),
    "a missed heartbeat": Asking(
        catching(["States.HeartbeatTimeout"]), CATCHER, {}, failing(then="States.HeartbeatTimeout")
    ),
    "what cannot be caught": Asking(
        machine(A=task(InputPath="$.no", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), B=passing()), CATCHER
    ),
    "no name that matches": Asking(catching(["Busy"], ["Full"]), CATCHER, {}, failing(then="Broken")),
}

EXPECTED: dict[str, Any] = {
    "retries that are used up": (
        3,
        [
            (
                "first-attempt-counted",
                2,
                ("MaxAttempts", "2", "3"),
            ),
            ("retries-used-up", 4, ("2", "Retrier", "1", "3")),
            ("no-retry", 1, ("1", "A")),
        ],
    ),
    "a retry that succeeds": (
        2,
        [
            ("first-attempt-counted", 1, ("1", "2")),
            ("all-retries-made", 4, ("2", "MaxAttempts", "3")),
        ],
    ),
    "two Retriers": (
        5,
        [
            ("first-attempt-counted", 4, ("4", "5")),
            (
                "one-counter-for-all",
                3,
                ("Retrier", "2", "5"),
            ),
            ("retrier-takes-all", 7, ("1", "Full", "ErrorEquals")),
            ("no-retry", 1, ("2", "A")),
            ("retrier-takes-all", 6, ("1", "Full", "ErrorEquals")),
        ],
    ),
    "a Retrier and a Catcher": (
        3,
        [
            (
                "first-attempt-counted",
                2,
                ("MaxAttempts", "2", "3"),
            ),
            ("retries-used-up", 4, ("2", "Retrier", "1", "3")),
            ("no-retry", 1, ("Catchers", "1", "A")),
        ],
    ),
    "a timeout and TaskFailed": (
        1,
        [
            ("retrier-takes-all", 3, ("1", "States.TaskFailed", "States.Timeout")),
            ("retrier-takes-all", 2, ("1", "States.TaskFailed", "States.Timeout")),
        ],
    ),
    "MaxAttempts 0": (
        1,
        [
            ("retries-used-up", 4, ("MaxAttempts", "0", "Retrier", "1", "3")),
            ("retries-used-up", 2, ("MaxAttempts", "0", "Retrier", "1", "counts")),
        ],
    ),
    "an exception before the rule": (
        1,
        [
            ("retrier-hands-on", 4, ("1", "3")),
            ("retries-used-up", 2, ("MaxAttempts", "0", "Retrier", "1", "counts")),
            ("retrier-takes-all", 3, ("2", "Busy")),
        ],
    ),
    "one that is used up before another": (
        3,
        [
            ("first-attempt-counted", 2, ("MaxAttempts", "2", "3")),
            ("retrier-hands-on", 6, ("1", "2")),
            ("retries-used-up", 4, ("2", "Retrier", "1", "3")),
            ("no-retry", 1, ("1", "A")),
        ],
    ),
    "no Retry": (
        1,
        [
            ("retried-by-itself", 4, ("A", "Retry", "Busy")),
            ("retried-by-itself", 2, ("A", "Retry", "Busy")),
        ],
    ),
    "what cannot be retried": (
        1,
        [
            ("retrier-takes-all", 4, ("1", "States.Runtime")),
            ("retrier-takes-all", 2, ("1", "States.Runtime")),
        ],
    ),
    "the first of two": (
        1,
        [
            (
                "most-specific-catcher",
                2,
                ("2", "Catcher", "1"),
            ),
            ("nobody-catches", None, ("1", "States.TaskFailed", "Busy")),
            (
                "most-specific-catcher",
                3,
                ("3", "Catcher", "1"),
            ),
        ],
    ),
    "a timeout": (
        2,
        [
            ("wildcard-covers-all", 1, ("1", "States.TaskFailed", "States.Timeout")),
            ("nobody-catches", None, ("2", "States.ALL", "States.Timeout")),
        ],
    ),
    "a missed heartbeat": (
        1,
        [
            (
                "nobody-catches",
                None,
                ("1", "States.Timeout", "States.HeartbeatTimeout"),
            )
        ],
    ),
    "what cannot be caught": (
        None,
        [("wildcard-covers-all", 1, ("1", "States.Runtime"))],
    ),
    "no name that matches": (
        None,
        [
            ("catcher-not-matching", 1, ("1", "ErrorEquals")),
            ("catcher-not-matching", 2, ("2", "ErrorEquals")),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])


def test_a_name_within_a_longer_one_is_not_what_a_catcher_names() -> None:
    question = Asking(catching(["States.TaskFailed"]), CATCHER, {}, failing(then="Failed")).question()
    said = {id: sentence for id, _, sentence in wrong(question)}
    assert said["nobody-catches"] == "Catcher 1 takes it: States.TaskFailed covers Failed."


def test_max_attempts_is_the_reason_where_one_retrier_makes_all_retries() -> None:
    question = Asking(retrying(BUSY, FULL), ATTEMPTS, {}, failing("Busy", "Full")).question()
    said = {id: sentence for id, _, sentence in wrong(question)}
    assert said["first-attempt-counted"] == "The first attempt is no retry: with 2 retries that makes 3 attempts."
