"""Mistakes about the value of an expression."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, passing
from tests.question_runs import Asking, check_answers

GIVEN: dict[str, Any] = {"id": 7, "order": {"id": 8, "lines": [1, 2]}}
SELECTS = machine(First=passing("A", Result={"id": 6, "order": {"id": 9, "lines": []}}), A=passing(InputPath="$.order"))


def value(expression: str) -> Asked:
    return Asked(PredictKind.VALUE, expression=expression)


ASKED: dict[str, Asking] = {
    "a path behind InputPath": Asking(SELECTS, value("$.id"), GIVEN, over=1, into=2),
    "the execution's input": Asking(SELECTS, value("$$.Execution.Input.id"), GIVEN, over=1),
    "JSONata": Asking(SELECTS, value("{% $states.input.id + 1 %}"), GIVEN, over=1),
}

EXPECTED: dict[str, Any] = {
    "a path behind InputPath": (
        9,
        [
            ("path-into-input", 6, ("`$`", "InputPath", "A")),
            (
                "path-into-execution-input",
                7,
                ("`$`", "`$$.Execution.Input`"),
            ),
            ("expression-as-text", "$.id", ("`$.id`",)),
            ("value-with-name", {"id": 9, "lines": []}, ("`$.id`",)),
            ("value-with-name", {"id": 9}, ("`$.id`",)),
            ("value-with-name", [9], ("`$.id`",)),
        ],
    ),
    "the execution's input": (
        7,
        [
            (
                "expression-as-text",
                "$$.Execution.Input.id",
                ("`$$.Execution.Input.id`",),
            ),
            ("value-with-name", [7], ("`$$.Execution.Input.id`",)),
        ],
    ),
    "JSONata": (
        7,
        [
            ("value-before", 8, ()),
            (
                "expression-as-text",
                "{% $states.input.id + 1 %}",
                ("`{% $states.input.id + 1 %}`",),
            ),
            ("value-with-name", [7], ("`{% $states.input.id + 1 %}`",)),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])
