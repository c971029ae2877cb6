"""Mistakes about Choice, and about where a state leads."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.lessons.model import Asked, PredictKind
from sfdebug.lessons.questions.asking import question_asked
from tests.debugger_runs import machine, passing, task
from tests.question_runs import Asking, check_answers, shown, wrong

RULE = Asked(PredictKind.RULE)
NEXT = Asked(PredictKind.NEXT)


def choice(*rules: dict[str, Any], default: str | None = "C") -> dict[str, Any]:
    """A Choice of rules that lead to A, B and so on, with its Default."""
    made: dict[str, Any] = {"Type": "Choice", "Choices": [{**rule, "Next": "AB"[n]} for n, rule in enumerate(rules)]}
    made |= {} if default is None else {"Default": default}
    return machine(Paid=made, A=passing(), B=passing(), C=passing())


def total(operator: str, value: Any) -> dict[str, Any]:
    return {"Variable": "$.total", operator: value}


TRY = [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}]
CATCH = [{"ErrorEquals": ["Declined"], "Next": "Sorry"}, {"ErrorEquals": ["States.ALL"], "Next": "Help"}]
TASKS = machine(Charge=task("Ship", Retry=TRY, Catch=CATCH), Ship=passing(), Sorry=passing(), Help=passing())
LONELY = machine(Charge=task("Ship", Catch=CATCH[:1]), Ship=passing(), Sorry=passing())


def fails_with(error: str) -> dict[str, Any]:
    return {"Charge": lambda request: TaskFailure(error, "why")}


ASKED: dict[str, Asking] = {
    "two that match": Asking(
        choice(total("NumericGreaterThan", 10), total("NumericGreaterThan", 5)), RULE, {"total": 12}
    ),
    "the last one": Asking(choice(total("NumericLessThan", 10), total("NumericLessThan", 50)), RULE, {"total": 12}),
    "none": Asking(choice(total("NumericLessThan", 10)), RULE, {"total": 12}),
    "none, without Default": Asking(choice(total("NumericLessThan", 10), default=None), RULE, {"total": 12}),
    "none, without Default, the way": Asking(choice(total("NumericLessThan", 10), default=None), NEXT, {"total": 12}),
    "a number in a text": Asking(choice(total("NumericEquals", 12), total("IsPresent", True)), RULE, {"total": "12"}),
    "a text for a number": Asking(choice(total("StringEquals", "12")), RULE, {"total": 12}),
    "nothing there": Asking(
        choice(total("NumericEquals", 12), {"Variable": "$.id", "IsPresent": True}), RULE, {"id": 1}
    ),
    "nothing there, asked": Asking(choice(total("IsPresent", True)), RULE, {"id": 1}),
    "the way of a Choice": Asking(
        choice(total("NumericGreaterThan", 10), total("NumericGreaterThan", 5)), NEXT, {"total": 12}
    ),
    "JSONata": Asking(
        {
            "QueryLanguage": "JSONata",
            **choice({"Condition": "{% $states.input.total > 100 %}"}, {"Condition": "{% $states.input.total > 10 %}"}),
        },
        RULE,
        {"total": 12},
    ),
    "a Task that succeeds": Asking(TASKS, NEXT),
    "a Task whose error is caught": Asking(TASKS, NEXT, {}, fails_with("Declined")),
    "a Task whose error is not caught": Asking(LONELY, NEXT, {}, fails_with("Broken")),
    "the end": Asking(machine(A=passing(), B=passing()), NEXT),
    "against the order of the file": Asking(machine(A=passing("C"), B=passing(), C=passing("B")), NEXT),
}

EXPECTED: dict[str, Any] = {
    "two that match": (
        1,
        [
            (
                "later-rule",
                2,
                ("2", "1", "12", "10"),
            ),
            (
                "default-though-match",
                "Default",
                ("Default", "1", "12", "10"),
            ),
            (
                "comparison-fails",
                "fails: States.Runtime",
                ("1", "12", "10"),
            ),
        ],
    ),
    "the last one": (
        2,
        [
            (
                "default-though-match",
                "Default",
                ("Default", "2", "12", "50"),
            ),
            ("rule-not-matching", 1, ("1", "12", "10", "2", "50")),
            (
                "comparison-fails",
                "fails: States.Runtime",
                ("2", "12", "50"),
            ),
        ],
    ),
    "none": (
        "Default",
        [
            ("rule-not-matching", 1, ("1", "12", "10")),
            (
                "default-forgotten",
                "fails: States.NoChoiceMatched",
                ("Paid", "Default", "C"),
            ),
        ],
    ),
    "none, without Default": (
        "fails: States.Runtime",
        [
            ("rule-not-matching", 1, ("1", "12", "10")),
            ("no-default-goes-on", "Default", ("Paid", "Default", "States.Runtime")),
        ],
    ),
    "none, without Default, the way": (
        "fails: States.Runtime",
        [
            ("rule-not-matching", "A", ("1", "12", "10")),
            ("no-default-goes-on", None, ("Paid", "Default", "States.Runtime")),
        ],
    ),
    "a number in a text": (
        2,
        [
            ("type-confused", 1, ("NumericEquals", "12", "1")),
            (
                "default-though-match",
                "Default",
                ("Default", "2", "$.total", "12"),
            ),
            (
                "comparison-fails",
                "fails: States.Runtime",
                ("2", "$.total", "12"),
            ),
        ],
    ),
    "a text for a number": (
        "Default",
        [
            ("type-confused", 1, ("StringEquals", "12", "1")),
            (
                "default-forgotten",
                "fails: States.NoChoiceMatched",
                ("Paid", "Default", "C"),
            ),
        ],
    ),
    "nothing there": (
        "fails: States.Runtime",
        [
            (
                "missing-is-false",
                2,
                ("1", "`$.total`", "Paid", "States.Runtime", "IsPresent"),
            ),
            (
                "missing-is-false",
                "Default",
                ("1", "`$.total`", "Paid", "States.Runtime", "IsPresent"),
            ),
            (
                "missing-is-false",
                1,
                ("1", "`$.total`", "Paid", "States.Runtime", "IsPresent"),
            ),
        ],
    ),
    "nothing there, asked": (
        "Default",
        [
            ("rule-not-matching", 1, ("1", "$.total")),
            (
                "missing-is-error",
                "fails: States.Runtime",
                ("IsPresent", "`$.total`"),
            ),
            (
                "default-forgotten",
                "fails: States.NoChoiceMatched",
                ("Paid", "Default", "C"),
            ),
        ],
    ),
    "the way of a Choice": (
        "A",
        [
            (
                "later-rule",
                "B",
                ("2", "1", "12", "10"),
            ),
            (
                "default-though-match",
                "C",
                ("Default", "1", "12", "10"),
            ),
            ("ends-here", None, ("Paid", "A")),
            (
                "comparison-fails",
                "fails: States.Runtime",
                ("1", "12", "10"),
            ),
        ],
    ),
    "JSONata": (
        2,
        [
            (
                "default-though-match",
                "Default",
                ("Default", "2", "$states.input.total", "10", "12"),
            ),
            (
                "rule-not-matching",
                1,
                ("1", "$states.input.total", "100", "12", "2", "10"),
            ),
            (
                "comparison-fails",
                "fails: States.QueryEvaluationError",
                ("2", "$states.input.total", "10", "12"),
            ),
        ],
    ),
    "a Task that succeeds": (
        "Ship",
        [
            (
                "catcher-though-well",
                "Sorry",
                ("Catcher", "Charge", "Next", "Ship"),
            ),
            ("ends-here", None, ("Next", "Charge", "Ship")),
            (
                "catcher-though-well",
                "Help",
                ("Catcher", "Charge", "Next", "Ship"),
            ),
        ],
    ),
    "a Task whose error is caught": (
        "Sorry",
        [
            (
                "next-though-failed",
                "Ship",
                ("Next", "Catcher", "Declined", "Sorry"),
            ),
            (
                "catcher-though-well",
                "Help",
                ("2", "Catcher", "Declined", "Next", "Sorry"),
            ),
            ("ends-here", None, ("Catcher", "Declined", "Next", "Sorry")),
            ("fault-not-caught", "fails: Declined", ("Catcher", "Declined", "Next", "Sorry")),
        ],
    ),
    "a Task whose error is not caught": (
        "fails: Broken",
        [
            (
                "next-though-failed",
                "Ship",
                ("Next", "Charge", "Broken", "Catcher"),
            ),
            ("failure-ends-well", None, ("Charge", "Broken", "Catcher")),
            (
                "catcher-though-well",
                "Sorry",
                ("1", "Charge", "Broken", "Catcher"),
            ),
        ],
    ),
    "the end": (None, [("file-order", "B", ("A",))]),
    "against the order of the file": (
        "C",
        [
            ("file-order", "B", ("Next", "A", "C")),
            ("ends-here", None, ("Next", "A", "C")),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])


def test_a_forced_rule_is_taken_whatever_the_rules_say() -> None:
    asking = ASKED["two that match"]
    debugger = asking.debugger()
    debugger.force_choice(None)
    question = question_asked(debugger, RULE)
    assert (shown(question.right), wrong(question)) == (
        "Default",
        [
            ("rule-forced", 1, "A rule is forced here: the Choice takes it, whatever its rules say."),
            ("rule-forced", 2, "A rule is forced here: the Choice takes it, whatever its rules say."),
        ],
    )


def test_of_a_rule_with_several_paths_the_one_that_leads_nowhere_is_named() -> None:
    both = {"And": [{"Variable": "$.id", "IsPresent": True}, {"Variable": "$.id", "NumericEqualsPath": "$.limit"}]}
    question = Asking(choice(both), RULE, {"id": 1}).question()
    assert "`$.limit` leads nowhere" in {id: sentence for id, _, sentence in wrong(question)}["missing-is-false"]
