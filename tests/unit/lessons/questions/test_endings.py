"""Mistakes about how a state or an execution ends."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, passing, task
from tests.engine_machines import distributed, scope
from tests.question_runs import Asking, check_answers, says, shown, wrong

STATUS = Asked(PredictKind.STATUS)
ERROR = Asked(PredictKind.ERROR)
END = Asked(PredictKind.STATUS, of="execution")
NAME = Asked(PredictKind.ERROR, of="execution")
CATCH = [{"ErrorEquals": ["Declined"], "Next": "Sorry"}]
RETRY = [{"ErrorEquals": ["Busy"]}]
CHARGE = machine(Charge=task("Ship", Retry=RETRY, Catch=CATCH), Ship=passing(), Sorry=passing())
LAST = machine(Charge=task(Catch=CATCH), Sorry={"Type": "Fail", "Error": "NoPayment", "Cause": "declined"})


def fails(error: str) -> dict[str, Any]:
    return {"Charge": lambda request: TaskFailure(error, "why")}


def busy_once(request: TaskRequest) -> Answer:
    return TaskFailure("Busy") if request.attempt == 1 else TaskResult("done")


def every_third(request: TaskRequest) -> Answer:
    return TaskFailure("Broken") if request.branch[-1][1] % 3 == 0 else TaskResult("ok")


def each(**fields: Any) -> dict[str, Any]:
    return machine(Each=distributed(scope(Work=task()), ItemsPath="$.items", **fields))


SILENT = {"Charge": lambda request: TaskSilence()}
SIX: dict[str, Any] = {"items": [1, 2, 3, 4, 5, 6]}
WORK: dict[str, Any] = {"Work": every_third, "Each": lambda request: None}
BOTH = machine(Both={"Type": "Parallel", "End": True, "Branches": [scope(Charge=task()), scope(Right=task())]})

ASKED: dict[str, Asking] = {
    "caught": Asking(CHARGE, END, {}, fails("Declined")),
    "retried": Asking(CHARGE, END, {}, {"Charge": busy_once}),
    "nothing fails": Asking(CHARGE, END),
    "not caught": Asking(CHARGE, END, {}, fails("Broken")),
    "a Fail state": Asking(LAST, END, {}, fails("Declined")),
    "a Task that times out": Asking(
        machine(Charge=task(TimeoutSeconds=5)), END, {}, {"Charge": lambda r: TaskSilence()}
    ),
    "an execution that times out": Asking(
        {**machine(A={"Type": "Wait", "Seconds": 9, "End": True}), "TimeoutSeconds": 5}, END
    ),
    "a state that is caught": Asking(CHARGE, STATUS, {}, fails("Declined")),
    "a state that fails": Asking(CHARGE, STATUS, {}, fails("Broken")),
    "a state that succeeds": Asking(CHARGE, STATUS, {}, {"Charge": busy_once}),
    "a branch that fails": Asking(BOTH, END, {}, {**fails("Broken"), "Right": says("ok", 5)}),
    "too many items": Asking(each(ToleratedFailureCount=1), END, SIX, WORK),
    "items that are tolerated": Asking(each(ToleratedFailurePercentage=50), END, SIX, WORK),
    "the error of a Task": Asking(CHARGE, ERROR, {}, fails("Broken")),
    "the error of a heartbeat": Asking(
        machine(
            Charge={
                **task(HeartbeatSeconds=5, TimeoutSeconds=60),
                "Resource": "arn:aws:states:us-east-1:123456789012:activity:work",
            }
        ),
        ERROR,
        {},
        {"Charge": lambda request: TaskSilence()},
    ),
    "the error of the execution": Asking(LAST, NAME, {}, fails("Declined")),
    "no error": Asking(CHARGE, NAME, {}, fails("Declined")),
    "the error of a Map Run": Asking(each(), NAME, SIX, WORK),
    "the error of a Parallel": Asking(BOTH, NAME, {}, {**fails("Broken"), "Right": says("ok", 5)}),
    "the error of a path": Asking(machine(A=passing(InputPath="$.no")), ERROR),
    "the error of JSONata": Asking({"QueryLanguage": "JSONata", **machine(A=passing(Output="{% $no.x + 1 %}"))}, ERROR),
    "the error of a Choice": Asking(
        machine(A={"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "B"}]}, B=passing()),
        ERROR,
    ),
}

EXPECTED: dict[str, Any] = {
    "caught": (
        "SUCCEEDED",
        [
            ("handled-failure-fails", "FAILED", ("Catcher", "Charge", "Declined", "Sorry")),
            ("caught-is-success", "CAUGHT", ("Charge",)),
        ],
    ),
    "retried": (
        "SUCCEEDED",
        [
            ("handled-failure-fails", "FAILED", ("Charge", "Busy")),
            ("task-timeout-ends-all", "TIMED_OUT", ("TimeoutSeconds", "TIMED_OUT")),
        ],
    ),
    "nothing fails": ("SUCCEEDED", [("fails-without-error", "FAILED", ())]),
    "not caught": (
        "FAILED",
        [
            ("failure-goes-on", "SUCCEEDED", ("Charge", "Broken", "Catcher")),
            ("waits-for-redrive", "RUNNING", ("Charge", "over")),
        ],
    ),
    "a Fail state": (
        "FAILED",
        [
            ("failure-goes-on", "SUCCEEDED", ("Sorry", "Fail")),
            ("aborted-by-itself", "ABORTED", ("Sorry", "ABORTED")),
            ("waits-for-redrive", "RUNNING", ("Sorry", "over")),
        ],
    ),
    "a Task that times out": (
        "FAILED",
        [
            ("failure-goes-on", "SUCCEEDED", ("Charge", "States.Timeout", "Catcher")),
            ("task-timeout-ends-all", "TIMED_OUT", ("Charge", "TIMED_OUT", "TimeoutSeconds")),
            ("waits-for-redrive", "RUNNING", ("Charge", "over")),
        ],
    ),
    "an execution that times out": (
        "TIMED_OUT",
        [
            ("aborted-by-itself", "ABORTED", ("ABORTED",)),
            ("fails-without-error", "FAILED", ("TIMED_OUT",)),
            ("fails-without-error", "SUCCEEDED", ("TIMED_OUT",)),
        ],
    ),
    "a state that is caught": (
        "CAUGHT",
        [
            ("handled-failure-fails", "FAILED", ("Catcher", "Charge", "Declined", "Sorry")),
            ("caught-is-success", "SUCCEEDED", ("Charge", "Catcher", "Declined", "Sorry")),
        ],
    ),
    "a state that fails": (
        "FAILED",
        [
            ("failure-goes-on", "SUCCEEDED", ("Charge", "Broken", "Catcher")),
            ("failure-goes-on", "CAUGHT", ("Catchers", "Broken", "Declined")),
        ],
    ),
    "a state that succeeds": (
        "SUCCEEDED",
        [("handled-failure-fails", "FAILED", ("Charge", "Busy")), ("fails-without-error", "CAUGHT", ("Catcher",))],
    ),
    "a branch that fails": (
        "FAILED",
        [
            ("failure-goes-on", "SUCCEEDED", ("Broken", "Both")),
            ("aborted-by-itself", "ABORTED", ("Right", "ABORTED")),
            ("waits-for-redrive", "RUNNING", ("Both", "over")),
        ],
    ),
    "too many items": (
        "FAILED",
        [
            ("tolerated-failures", "SUCCEEDED", ("2", "6", "ToleratedFailureCount", "1", "Map", "Run")),
            ("aborted-by-itself", "ABORTED", ("Work", "ABORTED")),
            ("waits-for-redrive", "RUNNING", ("Each", "over")),
        ],
    ),
    "items that are tolerated": (
        "SUCCEEDED",
        [
            ("tolerated-failures", "FAILED", ("2", "6", "ToleratedFailurePercentage", "50", "3", "Map", "Run")),
            ("waits-for-redrive", "RUNNING", ("Map", "Run")),
        ],
    ),
    "the error of a Task": (
        "Broken",
        [
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "Broken")),
            ("timeout-for-all", "States.Timeout", ("TimeoutSeconds", "Broken")),
            ("no-error", None, ("Charge", "Broken")),
            ("wildcard-as-name", "States.TaskFailed", ("States.TaskFailed", "ErrorEquals", "Broken")),
        ],
    ),
    "the error of a heartbeat": (
        "States.Timeout",
        [
            ("heartbeat-by-its-name", "States.HeartbeatTimeout", ("States.Timeout", "ErrorEquals")),
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "States.Timeout")),
            ("no-error", None, ("Charge", "States.Timeout")),
            ("wildcard-as-name", "States.TaskFailed", ("States.TaskFailed", "ErrorEquals", "States.Timeout")),
        ],
    ),
    "the error of the execution": (
        "NoPayment",
        [
            ("handled-error-reported", "Declined", ("Catcher", "Charge", "Declined", "Sorry")),
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "NoPayment")),
            ("timeout-for-all", "States.Timeout", ("TimeoutSeconds", "NoPayment")),
            ("no-error", None, ("Sorry", "NoPayment")),
            ("wildcard-as-name", "States.TaskFailed", ("States.TaskFailed", "ErrorEquals", "NoPayment")),
        ],
    ),
    "no error": (None, [("handled-error-reported", "Declined", ("Catcher", "Charge", "Declined", "Sorry"))]),
    "the error of a Map Run": (
        "States.ExceedToleratedFailureThreshold",
        [
            ("item-error-reported", "Broken", ("Broken", "Map", "Run")),
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "States.ExceedToleratedFailureThreshold")),
            ("timeout-for-all", "States.Timeout", ("TimeoutSeconds", "States.ExceedToleratedFailureThreshold")),
            ("no-error", None, ("Each", "States.ExceedToleratedFailureThreshold")),
            (
                "wildcard-as-name",
                "States.TaskFailed",
                ("States.TaskFailed", "ErrorEquals", "States.ExceedToleratedFailureThreshold"),
            ),
        ],
    ),
    "the error of a Parallel": (
        "Broken",
        [
            ("error-of-specification", "States.BranchFailed", ("Both", "Broken")),
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "Broken")),
            ("timeout-for-all", "States.Timeout", ("TimeoutSeconds", "Broken")),
            ("no-error", None, ("Both", "Broken")),
            ("wildcard-as-name", "States.TaskFailed", ("States.TaskFailed", "ErrorEquals", "Broken")),
        ],
    ),
    "the error of a path": (
        "States.Runtime",
        [
            ("error-of-other-language", "States.QueryEvaluationError", ("JSONata", "JSONPath", "States.Runtime")),
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "States.Runtime")),
            ("timeout-for-all", "States.Timeout", ("TimeoutSeconds", "States.Runtime")),
            ("no-error", None, ("A", "States.Runtime")),
            ("wildcard-as-name", "States.TaskFailed", ("States.TaskFailed", "ErrorEquals", "States.Runtime")),
        ],
    ),
    "the error of JSONata": (
        "States.QueryEvaluationError",
        [
            (
                "error-of-other-language",
                "States.Runtime",
                ("A", "JSONata", "States.QueryEvaluationError", "States.Runtime"),
            ),
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "States.QueryEvaluationError")),
            ("timeout-for-all", "States.Timeout", ("TimeoutSeconds", "States.QueryEvaluationError")),
            ("no-error", None, ("A", "States.QueryEvaluationError")),
            (
                "wildcard-as-name",
                "States.TaskFailed",
                ("States.TaskFailed", "ErrorEquals", "States.QueryEvaluationError"),
            ),
        ],
    ),
    "the error of a Choice": (
        "States.Runtime",
        [
            ("error-of-specification", "States.NoChoiceMatched", ("AWS", "States.Runtime")),
            ("error-of-other-language", "States.QueryEvaluationError", ("JSONata", "JSONPath", "States.Runtime")),
            ("wildcard-as-name", "States.ALL", ("States.ALL", "ErrorEquals", "States.Runtime")),
            ("timeout-for-all", "States.Timeout", ("TimeoutSeconds", "States.Runtime")),
            ("no-error", None, ("A", "States.Runtime")),
            ("wildcard-as-name", "States.TaskFailed", ("States.TaskFailed", "ErrorEquals", "States.Runtime")),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])


def test_what_is_told_of_an_execution_that_times_out() -> None:
    question = ASKED["an execution that times out"].question()
    assert question.told == "The execution times out: its error is States.Timeout."


def test_an_attempt_that_has_timed_out_is_not_denied() -> None:
    def slow_once(request: TaskRequest) -> Answer:
        return TaskFailure("States.Timeout" if request.attempt == 1 else "Broken")

    retried = machine(Charge=task(Retry=[{"ErrorEquals": ["States.Timeout"]}]))
    question = Asking(retried, NAME, {}, {"Charge": slow_once}).question()
    assert shown(question.right) == "Broken"
    assert "timeout-for-all" not in [mistake for mistake, _, _ in wrong(question)]


def test_a_name_is_written_as_it_is() -> None:
    calling = machine(call=task(Retry=RETRY))
    question = Asking(calling, END, {}, {"call": busy_once}).question()
    assert (
        wrong(question)[0][2]
        == "call is tried again once after Busy, and succeeds: the execution does not fail by that."
    )
    question = Asking(calling, Asked(PredictKind.NEXT), {}, {"call": lambda request: TaskFailure("Broken")}).question()
    assert ("failure-ends-well", None, "call fails with Broken, and no Catcher takes that.") in wrong(question)


def _said(asking: Asking) -> dict[str, str]:
    return {id: sentence for id, _, sentence in wrong(asking.question())}


@pytest.mark.parametrize("asked", [STATUS, ERROR])
def test_a_map_that_fails_by_a_field_of_its_own_is_not_failed_by_an_iteration(asked: Asked) -> None:
    each = {"Type": "Map", "ItemProcessor": scope(Work=task()), "ResultSelector": {"x.$": "$.no"}, "End": True}
    said = _said(Asking(machine(Each=each), asked, [1, 2], {"Work": says("ok"), "Each": lambda request: None}))
    assert "error-of-specification" not in said
    assert "iteration" not in said.get("failure-goes-on", "")


def test_a_choice_that_fails_by_a_path_has_no_other_name_in_the_specification() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "B"}]}
    assert "error-of-specification" not in _said(Asking(machine(A=choice, B=passing()), ERROR))


def test_of_the_error_of_a_state_it_is_not_said_what_takes_it() -> None:
    said = _said(Asking(CHARGE, ERROR, {}, fails("Declined")))
    assert said["no-error"] == "Charge fails with Declined."


def test_what_was_handled_has_failed_on_the_way() -> None:
    asked = Asked(PredictKind.STATUS, of="execution", mistakes=("fails-without-error",))
    said = _said(Asking(CHARGE, asked, {}, fails("Declined")))
    assert said["fails-without-error"] == "What fails on the way is taken care of, and the last state ends well."


def test_a_catcher_for_the_error_of_an_item_does_not_take_that_of_the_map_run() -> None:
    catchers = [{"ErrorEquals": [error], "Next": "Sorry"} for error in ("Broken", "Other", "States.ALL")]
    mapping = distributed(scope(Work=task()), ItemsPath="$.items", Catch=catchers)
    caught = machine(Each=mapping, Sorry=passing())
    said = wrong(Asking(caught, Asked(PredictKind.CATCHER), SIX, WORK).question())
    assert [sentence for id, _, sentence in said if id == "catcher-not-matching"] == [
        "Catcher 1 does not take it: Broken is the error of one child execution; the Map Run fails because too many of "
        "them have failed.",
        "Catcher 2 does not take it: States.ExceedToleratedFailureThreshold is not in ErrorEquals.",
    ]


def test_a_choice_that_nothing_matches_uses_no_path_that_fails() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "B"}]}
    said = _said(Asking(machine(A=choice, B=passing()), ERROR))
    assert said["error-of-other-language"] == (
        "That is for JSONata: a JSONPath state that cannot be worked out fails with States.Runtime."
    )


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (Asking(machine(A=passing(InputPath="$.no")), NAME), "A fails with States.Runtime, which no Catcher can take."),
        (Asking(CHARGE, NAME, {}, fails("Broken")), "Charge fails with Broken, and no Catcher takes that."),
    ],
)
def test_an_error_that_ends_the_execution_was_not_taken_by_a_catcher(asked: Asking, sentence: str) -> None:
    assert _said(asked)["no-error"] == sentence
