"""Mistakes about JSONata states: Output, Arguments, `$states`, and the braces."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.visit import StageName
from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, passing, task
from tests.question_runs import Asking, check_answers, output, says

GIVEN: dict[str, Any] = {"id": 7, "price": 20}
PAID = {"A": says({"price": 18, "paid": True})}


def jsonata(**states: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **machine(**states)}


ASKED: dict[str, Asking] = {
    "Output": Asking(jsonata(A=passing(Output={"total": "{% $states.input.price * 2 %}"})), output(), GIVEN),
    "no Output": Asking(jsonata(A=task()), output(), GIVEN, PAID),
    "Output of a result": Asking(
        jsonata(A=task(Output={"id": "{% $states.input.id %}", "total": "{% $states.result.price + 1 %}"})),
        output(),
        GIVEN,
        PAID,
    ),
    "Arguments": Asking(
        jsonata(A=task(Arguments={"order": "{% $states.input.id %}"})), output(StageName.ARGUMENTS), GIVEN, PAID, into=1
    ),
    "no braces": Asking(jsonata(A=passing(Output={"id": "$states.input.id"})), output(), GIVEN),
    "what the next state gets": Asking(
        jsonata(A=passing("B", Output="{% $states.input.price %}"), B=passing()),
        Asked(PredictKind.INPUT, state="B"),
        GIVEN,
    ),
}

EXPECTED: dict[str, Any] = {
    "Output": (
        {"total": 40},
        [
            (
                "output-merges",
                {"id": 7, "price": 20, "total": 40},
                ("A", "price"),
            ),
            (
                "output-keeps-input",
                {"id": 7, "price": 20},
                ("A", "total"),
            ),
            (
                "braces-literal",
                {"total": "$states.input.price * 2"},
                ("{% and %}", "`$states.input.price * 2`"),
            ),
        ],
    ),
    "no Output": (
        {"price": 18, "paid": True},
        [
            (
                "output-merges",
                {"id": 7, "price": 18, "paid": True},
                ("Output", "A"),
            ),
            (
                "output-keeps-input",
                {"id": 7, "price": 20},
                ("Output", "A", "price", "paid"),
            ),
        ],
    ),
    "Output of a result": (
        {"id": 7, "total": 19},
        [
            (
                "output-merges",
                {"id": 7, "price": 20, "total": 19},
                ("A", "price"),
            ),
            (
                "output-keeps-input",
                {"id": 7, "price": 20},
                ("A", "total"),
            ),
            (
                "output-skipped",
                {"price": 18, "paid": True},
                ("A", "$states.result"),
            ),
            (
                "result-read-as-input",
                {"id": 7, "total": 21},
                ("$states.result", "A", "price", "paid", "$states.input"),
            ),
            (
                "braces-literal",
                {"id": "$states.input.id", "total": "$states.result.price + 1"},
                ("{% and %}", "`$states.input.id`"),
            ),
            (
                "input-read-as-result",
                "fails: States.QueryEvaluationError",
                ("$states.input", "A", "price"),
            ),
        ],
    ),
    "Arguments": (
        {"order": 7},
        [
            (
                "arguments-ignored",
                {"id": 7, "price": 20},
                ("A", "Arguments", "order"),
            ),
            (
                "braces-literal",
                {"order": "$states.input.id"},
                ("{% and %}", "Arguments", "`$states.input.id`"),
            ),
        ],
    ),
    "no braces": (
        {"id": "$states.input.id"},
        [
            (
                "output-merges",
                {"id": "$states.input.id", "price": 20},
                ("A", "price"),
            ),
            (
                "output-keeps-input",
                {"id": 7, "price": 20},
                ("A",),
            ),
            (
                "braces-missing",
                {"id": 7},
                ("`$states.input.id`", "Output"),
            ),
        ],
    ),
    "what the next state gets": (
        20,
        [
            (
                "braces-literal",
                "$states.input.price",
                ("{% and %}", "`$states.input.price`"),
            )
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])
