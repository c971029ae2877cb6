"""The quiz: what is asked on the way through a machine, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason
from sfdebug.engine.execution.decisions import Answer, TaskFailure
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.lessons.questions.quiz import next_question
from sfdebug.tasks.functions import FunctionTasks
from tests.debugger_runs import EACH, ORDER, Handler, machine, passing, task
from tests.engine_machines import scope
from tests.question_runs import check, says


def asked(debugger: Debugger, most: int = 120) -> list[str]:
    """What is asked, step by step, to the end or to where the user is asked."""
    found = []
    for _ in range(most):
        before = debugger.cursor
        found_next = next_question(debugger)
        assert debugger.cursor is before
        if found_next is not None:
            _, question = found_next
            check(question)
            found.append(f"{question.prompt} {question.right.text}")
        if debugger.step_into().reason in (StopReason.END, StopReason.QUESTION, StopReason.REFUSED):
            return found
    raise AssertionError("it does not end")


def busy(request: TaskRequest) -> Answer:
    return TaskFailure("Lambda.TooManyRequestsException") if request.attempt < 3 else TaskFailure("Declined")


BOTH = machine(
    Both={"Type": "Parallel", "End": True, "Branches": [scope(Left=passing(Result=1)), scope(Right=passing(Result=2))]}
)
JSONATA: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    **machine(
        A=passing("B", Assign={"n": "{% $states.input.n + 1 %}"}, Output={"n": "{% $states.input.n * 2 %}"}),
        B={"Type": "Wait", "Seconds": "{% $n %}", "Next": "C"},
        C=task(Arguments={"of": "{% $states.input.n %}"}),
    ),
}

LITTLE = machine(
    A=passing("B"), B={"Type": "Wait", "Seconds": 3, "Next": "C"}, C=passing(InputPath="$", Result=3, ResultPath="$.x")
)

WALKS: dict[str, tuple[Debugger, list[str]]] = {
    "an order": (
        Debugger(ORDER, {"order": {"total": 42.5}, "customer": "Ada"}, tasks=Handler({"Charge": busy})),
        [
            'What comes out of InputPath of Reserve? {"total": 42.5}',
            "What comes out of ResultPath of Reserve? "
            '{"order": {"total": 42.5}, "customer": "Ada", "reserved": {"total": 42.5}}',
            'Which rule of "Paid?" is taken? Default, to Charge',
            "How many seconds pass before retry 1 of Charge? 2 s",
            "How many seconds pass before retry 2 of Charge? 4 s",
            "Which state comes after Charge? Sorry",
        ],
    ),
    "a Map": (
        Debugger(EACH, {"items": [{"x": 1}, {"x": 2}]}, tasks=Handler({"Work": says({"done": 1})})),
        [
            'What is the output of Work? {"done": 1}',
            'What is the output of Work? {"done": 1}',
            'What comes out of Iterations of Each? [{"done": 1}, {"done": 1}]',
            'What is the output of Each? [{"done": 1}, {"done": 1}]',
        ],
    ),
    "a Parallel": (
        Debugger(BOTH, {"n": 1}),
        [
            "What is the output of Left? 1",
            "What is the output of Right? 2",
            "What comes out of Branches of Both? [1, 2]",
            "What is the output of Both? [1, 2]",
        ],
    ),
    "JSONata": (
        Debugger(JSONATA, {"n": 3}, tasks=Handler({"C": says("ok")})),
        [
            "What is $n after A? 4",
            'What is the output of A? {"n": 6}',
            "How many seconds does B wait? 4 s",
            'What comes out of Arguments of C? {"of": 6}',
            'What is the output of C? "ok"',
        ],
    ),
    "what is written there, or changes nothing": (
        Debugger(LITTLE),
        ['What comes out of ResultPath of C? {"x": 3}'],
    ),
}


@pytest.mark.parametrize("name", WALKS)
def test_what_is_asked_on_the_way(name: str) -> None:
    debugger, expected = WALKS[name]
    assert asked(debugger) == expected


def test_nothing_is_asked_that_only_the_user_can_answer_or_a_call() -> None:
    definition = machine(A=task(), B=passing())
    waiting = Debugger(definition)
    assert asked(waiting) == []
    assert waiting.question is not None
    assert next_question(waiting) is None
    called: list[Any] = []
    calling = Debugger(definition, tasks=FunctionTasks({"A": lambda given: called.append(given)}))
    calling.step_into()
    assert next_question(calling) is None
    assert not called


def test_nothing_is_asked_at_the_end_nor_where_branches_are_under_way() -> None:
    debugger = Debugger(BOTH, {"n": 1})
    debugger.run()
    assert next_question(debugger) is None
    debugger.restart()
    debugger.step_into()
    debugger.step_into()
    debugger.focus_branch(())
    assert next_question(debugger) is None


def test_a_rule_is_asked_before_a_choice_that_is_forced_too() -> None:
    debugger = Debugger(ORDER, {"order": {"total": 42.5}}, tasks=Handler())
    debugger.step_over()
    debugger.force_choice(0)
    assert next_question(debugger) is None  # there is one other way only
