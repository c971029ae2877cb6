"""Mistakes about what a Catcher gives on."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import TaskFailure
from tests.debugger_runs import machine, passing, task
from tests.question_runs import Asking, check_answers, output, wrong

GIVEN: dict[str, Any] = {"orderId": 7, "total": 20}
DECLINED = {"Charge": lambda request: TaskFailure("Declined", "no money")}


def charging(catcher: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A Task whose error is caught."""
    caught = {"ErrorEquals": ["States.ALL"], "Next": "Sorry", **catcher}
    return machine(Charge=task(Catch=[caught], **fields), Sorry=passing())


ASKED: dict[str, Asking] = {
    "no ResultPath": Asking(charging({}), output(), GIVEN, DECLINED),
    "a ResultPath": Asking(charging({"ResultPath": "$.error"}), output(), GIVEN, DECLINED),
    "a ResultPath of the state": Asking(charging({}, ResultPath="$.payment"), output(), GIVEN, DECLINED),
    "JSONata": Asking({"QueryLanguage": "JSONata", **charging({})}, output(), GIVEN, DECLINED),
}

EXPECTED: dict[str, Any] = {
    "no ResultPath": (
        {"Error": "Declined", "Cause": "no money"},
        [
            (
                "error-merged",
                {"orderId": 7, "total": 20, "Error": "Declined", "Cause": "no money"},
                ("Catcher", "ResultPath", "Error", "Cause", "orderId", "total"),
            ),
            (
                "catcher-keeps-input",
                {"orderId": 7, "total": 20},
                ("Catcher", "ResultPath", "Charge", "Error", "Cause", "orderId", "total"),
            ),
            (
                "error-gets-a-place",
                {"orderId": 7, "total": 20, "error": {"Error": "Declined", "Cause": "no money"}},
                ("Catcher", "Charge", "ResultPath", "Cause"),
            ),
        ],
    ),
    "a ResultPath": (
        {"orderId": 7, "total": 20, "error": {"Error": "Declined", "Cause": "no money"}},
        [
            (
                "error-merged",
                {"orderId": 7, "total": 20, "Error": "Declined", "Cause": "no money"},
                ("ResultPath", "`$.error`", "Catcher", "Error", "Cause"),
            ),
            (
                "catcher-keeps-input",
                {"orderId": 7, "total": 20},
                ("ResultPath", "`$.error`", "Catcher", "Error", "Cause", "Charge"),
            ),
            (
                "error-takes-all",
                {"Error": "Declined", "Cause": "no money"},
                ("ResultPath", "`$.error`", "Catcher", "Charge", "orderId", "total"),
            ),
        ],
    ),
    "a ResultPath of the state": (
        {"Error": "Declined", "Cause": "no money"},
        [
            (
                "error-merged",
                {"orderId": 7, "total": 20, "Error": "Declined", "Cause": "no money"},
                ("Catcher", "ResultPath", "Error", "Cause", "orderId", "total"),
            ),
            (
                "catcher-keeps-input",
                {"orderId": 7, "total": 20},
                ("Catcher", "ResultPath", "Charge", "Error", "Cause", "orderId", "total"),
            ),
            (
                "result-path-for-error",
                {"orderId": 7, "total": 20, "payment": {"Error": "Declined", "Cause": "no money"}},
                ("ResultPath", "`$.payment`", "Charge", "Catcher"),
            ),
            (
                "error-gets-a-place",
                {"orderId": 7, "total": 20, "error": {"Error": "Declined", "Cause": "no money"}},
                ("Catcher", "Charge", "ResultPath", "Cause"),
            ),
        ],
    ),
    "JSONata": (
        {"Error": "Declined", "Cause": "no money"},
        [
            (
                "error-merged",
                {"orderId": 7, "total": 20, "Error": "Declined", "Cause": "no money"},
                ("Error", "Output", "Catcher"),
            ),
            (
                "catcher-keeps-input",
                {"orderId": 7, "total": 20},
                ("Catcher", "Charge", "Output"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])


@pytest.mark.parametrize(
    ("path", "id", "said"),
    [
        (
            None,
            "error-merged",
            "ResultPath null of the Catcher throws Error and Cause away: the input goes on as it was.",
        ),
        (
            "$",
            "error-merged",
            "ResultPath of the Catcher is `$`, so Error and Cause take the place of the whole input: orderId and total "
            "are gone.",
        ),
        (
            "$.total",
            "error-takes-all",
            "ResultPath `$.total` of the Catcher keeps the input of Charge: orderId is still there.",
        ),
    ],
)
def test_what_is_said_of_a_path_that_is_written(path: str | None, id: str, said: str) -> None:
    question = Asking(charging({"ResultPath": path}), output(), GIVEN, DECLINED).question()
    assert next(sentence for known, _, sentence in wrong(question) if known == id) == said
