"""Mistakes about InputPath, OutputPath and ResultPath: what each leads to, and what mends it."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.engine.execution.visit import StageName
from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, passing, task
from tests.question_runs import Asking, check_answers, output, says, wrong

GIVEN: dict[str, Any] = {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}}
RECEIPT = {"Charge": says({"receipt": "r-1", "fee": 2})}
CAUGHT = {"Charge": lambda request: TaskFailure("Declined", "no money")}

ASKED: dict[str, Asking] = {
    "no ResultPath": Asking(machine(Charge=task("Ship"), Ship=passing()), output(), GIVEN, RECEIPT),
    "a ResultPath": Asking(machine(Charge=task(ResultPath="$.payment")), output(), GIVEN, RECEIPT),
    "ResultPath null": Asking(machine(Charge=task(ResultPath=None)), output(), GIVEN, RECEIPT),
    "a result in place of what was selected": Asking(
        machine(Charge=task(InputPath="$.card", Parameters={"n.$": "$.number"}, ResultPath="$.payment")),
        output(StageName.RESULT_PATH),
        GIVEN,
        RECEIPT,
        into=5,
    ),
    "an OutputPath": Asking(
        machine(Charge=task(ResultPath="$.card.paid", OutputPath="$.card")), output(), GIVEN, RECEIPT
    ),
    "an OutputPath that selects from the result": Asking(
        machine(Charge=task(ResultPath="$.fee", OutputPath="$.fee")), output(), GIVEN, RECEIPT
    ),
    "the stage InputPath": Asking(
        machine(Charge=task(InputPath="$.card")), output(StageName.INPUT_PATH), GIVEN, RECEIPT, into=1
    ),
    "a Pass with a Result": Asking(machine(A=passing(Result={"fixed": True})), output(), GIVEN),
    "what the next state gets": Asking(
        machine(A=passing("B", InputPath="$.card"), B=passing("C", ResultPath="$.again"), C=passing()),
        Asked(PredictKind.INPUT, state="C"),
        GIVEN,
    ),
    "a Catcher and an OutputPath": Asking(
        machine(
            Charge=task(
                OutputPath="$.orderId", Catch=[{"ErrorEquals": ["Declined"], "ResultPath": "$.error", "Next": "Sorry"}]
            ),
            Sorry=passing(),
        ),
        output(),
        GIVEN,
        CAUGHT,
    ),
    "InputPath null": Asking(machine(A=passing(InputPath=None)), output(), GIVEN),
    "OutputPath null": Asking(machine(A=passing(OutputPath=None)), output(), GIVEN),
}

EXPECTED: dict[str, Any] = {
    "no ResultPath": (
        {"receipt": "r-1", "fee": 2},
        [
            (
                "result-path-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "receipt": "r-1", "fee": 2},
                ("ResultPath", "orderId", "card"),
            ),
            (
                "result-discarded",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("ResultPath", "null", "Charge"),
            ),
            (
                "result-path-nested",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "result": {"receipt": "r-1", "fee": 2}},
                ("ResultPath", "Charge"),
            ),
        ],
    ),
    "a ResultPath": (
        {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "payment": {"receipt": "r-1", "fee": 2}},
        [
            (
                "result-path-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "receipt": "r-1", "fee": 2},
                ("ResultPath", "`$.payment`", "receipt", "fee"),
            ),
            (
                "result-discarded",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("ResultPath", "`$.payment`", "null"),
            ),
            (
                "result-path-replaced",
                {"receipt": "r-1", "fee": 2},
                ("ResultPath", "`$.payment`", "Charge", "orderId", "card"),
            ),
        ],
    ),
    "ResultPath null": (
        {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
        [
            (
                "result-path-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "receipt": "r-1", "fee": 2},
                ("ResultPath", "null"),
            ),
            (
                "result-path-null-ignored",
                {"receipt": "r-1", "fee": 2},
                ("ResultPath", "null", "Charge"),
            ),
            (
                "result-path-null-gives-null",
                None,
                ("ResultPath", "null", "Charge"),
            ),
        ],
    ),
    "a result in place of what was selected": (
        {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "payment": {"receipt": "r-1", "fee": 2}},
        [
            (
                "result-path-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "receipt": "r-1", "fee": 2},
                ("ResultPath", "`$.payment`", "receipt", "fee"),
            ),
            (
                "result-discarded",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("ResultPath", "`$.payment`", "null"),
            ),
            (
                "result-path-replaced",
                {"receipt": "r-1", "fee": 2},
                ("ResultPath", "`$.payment`", "Charge", "orderId", "card"),
            ),
            (
                "result-path-into-selected",
                {"number": "4111", "holder": "Ada", "payment": {"receipt": "r-1", "fee": 2}},
                ("ResultPath", "`$.payment`", "Charge", "InputPath"),
            ),
            (
                "result-path-into-selected",
                {"n": "4111", "payment": {"receipt": "r-1", "fee": 2}},
                ("ResultPath", "`$.payment`", "Charge", "Parameters"),
            ),
        ],
    ),
    "an OutputPath": (
        {"number": "4111", "holder": "Ada", "paid": {"receipt": "r-1", "fee": 2}},
        [
            (
                "result-path-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "receipt": "r-1", "fee": 2},
                ("ResultPath", "`$.card.paid`", "receipt", "fee"),
            ),
            (
                "result-discarded",
                {"number": "4111", "holder": "Ada"},
                ("ResultPath", "`$.card.paid`", "null"),
            ),
            (
                "output-path-ignored",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada", "paid": {"receipt": "r-1", "fee": 2}}},
                ("OutputPath", "`$.card`", "Charge", "card", "orderId"),
            ),
            (
                "nothing-changes",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("Charge", "number", "holder", "paid"),
            ),
            (
                "result-path-replaced",
                "fails: States.Runtime",
                ("ResultPath", "`$.card.paid`", "Charge", "orderId"),
            ),
        ],
    ),
    "an OutputPath that selects from the result": (
        {"receipt": "r-1", "fee": 2},
        [
            (
                "result-path-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "receipt": "r-1", "fee": 2},
                ("ResultPath", "`$.fee`", "receipt", "fee"),
            ),
            (
                "result-path-replaced",
                2,
                ("ResultPath", "`$.fee`", "Charge", "orderId", "card"),
            ),
            (
                "output-path-ignored",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "fee": {"receipt": "r-1", "fee": 2}},
                ("OutputPath", "`$.fee`", "Charge", "fee", "orderId", "card"),
            ),
            (
                "output-path-first",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "fee": 2},
                ("ResultPath", "OutputPath", "`$.fee`"),
            ),
            (
                "nothing-changes",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("Charge", "receipt", "fee"),
            ),
            (
                "result-discarded",
                "fails: States.Runtime",
                ("ResultPath", "`$.fee`", "null"),
            ),
        ],
    ),
    "the stage InputPath": (
        {"number": "4111", "holder": "Ada"},
        [
            (
                "input-path-ignored",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("InputPath", "`$.card`", "Charge", "card", "orderId"),
            ),
            (
                "path-keeps-name",
                {"card": {"number": "4111", "holder": "Ada"}},
                ("InputPath", "`$.card`", "card"),
            ),
        ],
    ),
    "a Pass with a Result": (
        {"fixed": True},
        [
            (
                "result-path-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "fixed": True},
                ("ResultPath", "Result", "orderId", "card"),
            ),
            (
                "result-discarded",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("ResultPath", "Result", "null", "A"),
            ),
            (
                "result-path-nested",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "result": {"fixed": True}},
                ("ResultPath", "Result", "A"),
            ),
        ],
    ),
    "what the next state gets": (
        {"number": "4111", "holder": "Ada", "again": {"number": "4111", "holder": "Ada"}},
        [
            (
                "result-path-replaced",
                {"number": "4111", "holder": "Ada"},
                ("ResultPath", "`$.again`", "B", "number", "holder"),
            ),
            (
                "input-path-ignored",
                {
                    "orderId": 7,
                    "card": {"number": "4111", "holder": "Ada"},
                    "again": {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                },
                ("InputPath", "`$.card`", "A", "card", "orderId"),
            ),
        ],
    ),
    "a Catcher and an OutputPath": (
        {
            "orderId": 7,
            "card": {"number": "4111", "holder": "Ada"},
            "error": {"Error": "Declined", "Cause": "no money"},
        },
        [
            (
                "error-merged",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}, "Error": "Declined", "Cause": "no money"},
                ("ResultPath", "`$.error`", "Catcher", "Error", "Cause"),
            ),
            (
                "catcher-keeps-input",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("ResultPath", "`$.error`", "Catcher", "Error", "Cause", "Charge"),
            ),
            (
                "error-takes-all",
                {"Error": "Declined", "Cause": "no money"},
                ("ResultPath", "`$.error`", "Catcher", "Charge", "orderId", "card"),
            ),
            (
                "output-path-on-caught",
                7,
                ("Catcher", "Sorry", "OutputPath", "`$.orderId`"),
            ),
        ],
    ),
    "InputPath null": (
        {},
        [
            (
                "input-path-ignored",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("InputPath", "null", "A"),
            ),
            ("path-null-gives-null", None, ("InputPath", "null")),
        ],
    ),
    "OutputPath null": (
        {},
        [
            (
                "output-path-ignored",
                {"orderId": 7, "card": {"number": "4111", "holder": "Ada"}},
                ("OutputPath", "null", "A"),
            ),
            ("path-null-gives-null", None, ("OutputPath", "null")),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])


def test_an_empty_result_stands_at_its_place() -> None:
    empty = machine(Note=task(ResultPath="$.note"))
    found = wrong(Asking(empty, output(StageName.RESULT_PATH), {"id": 1}, {"Note": says({})}).question())
    sentence = "ResultPath `$.note` puts the result whole at that place: the empty object stands there."
    assert ("result-path-merged", {"id": 1}, sentence) in found


def test_what_the_result_takes_the_place_of_does_not_go_on_beside_it() -> None:
    question = Asking(machine(Charge=task(ResultPath="$.card")), output(), GIVEN, RECEIPT).question()
    said = {id: sentence for id, _, sentence in wrong(question)}
    assert said["result-path-replaced"].endswith("; orderId goes on beside it.")


def test_a_stage_that_fails_changes_nothing() -> None:
    asked = output(StageName.INPUT_PATH, mistakes=("nothing-changes",))
    question = Asking(machine(A=passing(InputPath="$.nowhere")), asked, GIVEN, into=1).question()
    assert wrong(question)[0] == ("nothing-changes", GIVEN, "InputPath gives nothing: it fails with States.Runtime.")
