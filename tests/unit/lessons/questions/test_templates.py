"""Mistakes about payload templates and the Context object."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.visit import StageName
from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, passing, task
from tests.question_runs import Asking, check_answers, output, says, wrong

GIVEN: dict[str, Any] = {"id": 7, "items": [{"n": 1}, {"n": 2}]}
EACH = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemSelector": {"n.$": "$$.Map.Item.Value.n", "of.$": "$.id"},
    "ItemProcessor": {"StartAt": "One", "States": {"One": passing()}},
    "End": True,
}

ASKED: dict[str, Asking] = {
    "Parameters of a Task": Asking(
        machine(A=task(Parameters={"order.$": "$.id", "kind": "new"})), output(StageName.PARAMETERS), GIVEN, into=1
    ),
    "Parameters of a Pass": Asking(machine(A=passing(Parameters={"order.$": "$.id"})), output(), GIVEN),
    "a key without .$": Asking(machine(A=passing(Parameters={"order": "$.id"})), output(), GIVEN),
    "ResultSelector": Asking(
        machine(A=task(ResultSelector={"m.$": "$.made"})), output(), GIVEN, {"A": says({"made": [1, 2], "by": "x"})}
    ),
    "the Context object": Asking(
        machine(A=passing(Parameters={"who.$": "$$.Execution.Name", "id.$": "$.id"})), output(), GIVEN
    ),
    "a path into the Context object": Asking(
        machine(A=passing(InputPath="$$.State")),
        output(StageName.INPUT_PATH),
        {"State": {"Name": "of the input"}},
        into=1,
    ),
    "what an iteration gets": Asking(machine(Each=EACH), Asked(PredictKind.INPUT, state="One"), GIVEN),
    "what a Task hands over": Asking(
        machine(A=task(Parameters={"order.$": "$.id"}, ResultPath="$.done")), output(), GIVEN, {"A": says("yes")}
    ),
}

EXPECTED: dict[str, Any] = {
    "Parameters of a Task": (
        {"order": 7, "kind": "new"},
        [
            (
                "parameters-skipped",
                {"id": 7, "items": [{"n": 1}, {"n": 2}]},
                ("Parameters", "new", "A", "order", "`$.id`", "kind"),
            ),
            (
                "dot-dollar-literal",
                {"order": "$.id", "kind": "new"},
                ("A", "order", "`$.id`", "7,"),
            ),
        ],
    ),
    "Parameters of a Pass": (
        {"order": 7},
        [
            (
                "result-path-merged",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "order": 7},
                ("ResultPath",),
            ),
            (
                "result-discarded",
                {"id": 7, "items": [{"n": 1}, {"n": 2}]},
                ("ResultPath", "null", "A"),
            ),
            (
                "result-path-nested",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "result": {"order": 7}},
                ("ResultPath", "A"),
            ),
            (
                "dot-dollar-literal",
                {"order": "$.id"},
                ("A", "order", "`$.id`", "7,"),
            ),
        ],
    ),
    "a key without .$": (
        {"order": "$.id"},
        [
            (
                "result-path-merged",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "order": "$.id"},
                ("ResultPath",),
            ),
            (
                "result-discarded",
                {"id": 7, "items": [{"n": 1}, {"n": 2}]},
                ("ResultPath", "null", "A"),
            ),
            (
                "result-path-nested",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "result": {"order": "$.id"}},
                ("ResultPath", "A"),
            ),
            (
                "plain-key-computed",
                {"order": 7},
                ("order", "`$.id`"),
            ),
        ],
    ),
    "ResultSelector": (
        {"m": [1, 2]},
        [
            (
                "result-path-merged",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "m": [1, 2]},
                ("ResultPath",),
            ),
            (
                "result-discarded",
                {"id": 7, "items": [{"n": 1}, {"n": 2}]},
                ("ResultPath", "null", "A"),
            ),
            (
                "result-path-nested",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "result": {"m": [1, 2]}},
                ("ResultPath", "A"),
            ),
            (
                "result-selector-skipped",
                {"made": [1, 2], "by": "x"},
                ("ResultSelector", "`$.made`"),
            ),
            (
                "dot-dollar-literal",
                {"m": "$.made"},
                ("A", "`$.made`", "2"),
            ),
        ],
    ),
    "the Context object": (
        {"who": "execution", "id": 7},
        [
            (
                "result-path-merged",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "who": "execution"},
                ("ResultPath",),
            ),
            (
                "result-discarded",
                {"id": 7, "items": [{"n": 1}, {"n": 2}]},
                ("ResultPath", "null", "A"),
            ),
            (
                "result-path-nested",
                {"id": 7, "items": [{"n": 1}, {"n": 2}], "result": {"who": "execution", "id": 7}},
                ("ResultPath", "A"),
            ),
            (
                "dot-dollar-literal",
                {"who": "$$.Execution.Name", "id": "$.id"},
                ("A", "who", "`$$.Execution.Name`", "execution"),
            ),
            (
                "context-confused",
                "fails: States.Runtime",
                ("`$$.Execution.Name`", "Context", "A"),
            ),
        ],
    ),
    "a path into the Context object": (
        {"Name": "A", "EnteredTime": "2025-01-01T00:00:00.000Z"},
        [
            (
                "input-path-ignored",
                {"State": {"Name": "of the input"}},
                ("InputPath", "`$$.State`", "A"),
            ),
            (
                "context-confused",
                {"Name": "of the input"},
                ("`$$.State`", "Context", "A"),
            ),
        ],
    ),
    "what an iteration gets": (
        {"n": 1, "of": 7},
        [
            (
                "whole-input-for-item",
                {"id": 7, "items": [{"n": 1}, {"n": 2}]},
                ("Each", "ItemSelector"),
            ),
            (
                "list-for-item",
                [{"n": 1, "of": 7}, {"n": 2, "of": 7}],
                ("Each", "2"),
            ),
            (
                "item-selector-skipped",
                {"n": 1},
                ("ItemSelector", "`$$.Map.Item.Value.n`", "Context", "`$.id`"),
            ),
            (
                "dot-dollar-literal",
                {"n": "$$.Map.Item.Value.n", "of": "$.id"},
                ("`$$.Map.Item.Value.n`",),
            ),
        ],
    ),
    "what a Task hands over": (
        {"id": 7, "items": [{"n": 1}, {"n": 2}], "done": "yes"},
        [
            (
                "result-discarded",
                {"id": 7, "items": [{"n": 1}, {"n": 2}]},
                ("ResultPath", "`$.done`", "null"),
            ),
            (
                "result-path-replaced",
                "yes",
                ("ResultPath", "`$.done`", "A"),
            ),
            (
                "result-path-into-selected",
                {"order": 7, "done": "yes"},
                ("ResultPath", "`$.done`", "A", "Parameters"),
            ),
            (
                "arguments-passed-on",
                {"order": 7},
                ("Parameters", "A"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])


def test_what_is_said_where_a_template_cannot_be_worked_out() -> None:
    lacking = machine(Make=passing(Parameters={"id.$": "$.id"}))
    found = wrong(Asking(lacking, output(StageName.PARAMETERS), {"n": 1}).question())
    assert {mistake: sentence for mistake, _, sentence in found} == {
        "parameters-skipped": (
            "Where Parameters cannot be worked out, the input does not take its place: Make fails with States.Runtime."
        ),
        "dot-dollar-literal": (
            'A key that ends in ".$" is computed, and id never gets that text: it fails with States.Runtime.'
        ),
    }
