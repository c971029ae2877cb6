"""Mistakes about variables."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.lessons.model import Asked, PredictKind
from sfdebug.values import MISSING
from tests.debugger_runs import machine, passing
from tests.engine_machines import scope
from tests.question_runs import Asking, check_answers, output


def variable(name: str, when: str = "after") -> Asked:
    return Asked(PredictKind.VARIABLE, name=name, when=when)


FIRST = passing("A", Assign={"n": 1})
ADD = {"n.$": "States.MathAdd($n, 1)"}
INNER = {"Type": "Parallel", "Next": "B", "Branches": [scope(In=passing(Assign={"m.$": "$.x"}))]}
CHOICE: dict[str, Any] = {
    "Type": "Choice",
    "Assign": {"n": 9},
    "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "B"}],
    "Default": "B",
}

ASKED: dict[str, Asking] = {
    "after it was assigned": Asking(machine(First=FIRST, A=passing(Assign=ADD)), variable("n"), {"x": 5}, over=1),
    "inside of the state that assigns it": Asking(
        machine(First=FIRST, A=passing(Assign=ADD)), variable("n", "inside"), {"x": 5}, over=1
    ),
    "two in one Assign": Asking(
        machine(First=FIRST, A=passing(Assign={**ADD, "twice.$": "States.MathAdd($n, $n)"})),
        variable("twice"),
        {"x": 5},
        over=1,
    ),
    "assigned in a branch": Asking(
        machine(First=passing("A", Assign={"m": 0}), A=INNER, B=passing()), variable("m"), {"x": 5}, over=1
    ),
    "a rule of a Choice": Asking(machine(First=FIRST, A=CHOICE, B=passing()), variable("n"), {"x": 5}, over=1),
    "never assigned": Asking(machine(A=passing()), variable("n"), {"x": 5}),
    "seen by the state's own Output": Asking(
        {
            "QueryLanguage": "JSONata",
            **machine(
                First=passing("A", Assign={"n": 1}),
                A=passing(Assign={"n": "{% $n + 1 %}"}, Output={"n": "{% $n %}"}),
            ),
        },
        output(),
        {"x": 5},
        over=1,
    ),
}

EXPECTED: dict[str, Any] = {
    "after it was assigned": (
        2,
        [
            ("assign-forgotten", 1, ("Assign", "A", "$n", "2")),
            (
                "variable-is-output",
                {"x": 5},
                ("A", "$n", "Assign"),
            ),
            ("variable-not-there", MISSING, ("$n", "2")),
        ],
    ),
    "inside of the state that assigns it": (
        1,
        [
            ("assign-at-once", 2, ("Assign", "A", "$n", "1")),
            ("variable-not-there", MISSING, ("$n", "1")),
        ],
    ),
    "two in one Assign": (
        2,
        [
            ("assign-sees-itself", 4, ("Assign", "$twice", "2")),
            ("assign-forgotten", MISSING, ("Assign", "A", "$twice", "2")),
            (
                "variable-is-output",
                {"x": 5},
                ("A", "$twice", "Assign"),
            ),
        ],
    ),
    "assigned in a branch": (
        0,
        [
            ("scope-leaks", 5, ("In", "A", "$m", "0")),
            (
                "variable-is-output",
                [{"x": 5}],
                ("A", "$m", "Assign"),
            ),
            ("variable-not-there", MISSING, ("$m", "0")),
        ],
    ),
    "a rule of a Choice": (
        1,
        [
            (
                "assign-of-choice-for-all",
                9,
                ("Assign", "A", "Default"),
            ),
            (
                "variable-is-output",
                {"x": 5},
                ("A", "$n", "Assign"),
            ),
            ("variable-not-there", MISSING, ("$n", "1")),
        ],
    ),
    "never assigned": (
        MISSING,
        [
            (
                "variable-not-there",
                None,
                ("A", "null"),
            )
        ],
    ),
    "seen by the state's own Output": (
        {"n": 1},
        [
            (
                "output-merges",
                {"x": 5, "n": 1},
                ("A",),
            ),
            ("output-keeps-input", {"x": 5}, ("A",)),
            ("braces-literal", {"n": "$n"}, ("{% and %}", "`$n`")),
            ("assign-seen-in-state", {"n": 2}, ("Assign", "A", "$n")),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])
