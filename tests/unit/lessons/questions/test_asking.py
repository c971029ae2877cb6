"""Questions: where they are asked, why one cannot be, how their answers are written and judged."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.view.json_diff import Change
from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.engine.execution.visit import StageName
from sfdebug.lessons.model import AnswerForm, Asked, PredictKind, WrongChoice
from sfdebug.lessons.questions.asking import question_asked
from sfdebug.lessons.questions.judging import judge
from sfdebug.lessons.questions.mistakes.known import KNOWN, mistake_ids, mistakes_for
from sfdebug.lessons.questions.model import CannotAskError
from sfdebug.lessons.questions.wording import json_texts
from sfdebug.reports.mistakes import mistakes_page
from sfdebug.simulation import simulate
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.state_machines import StateMachines
from sfdebug.values import MISSING
from tests.debugger_runs import EACH, ENDLESS, ORDER, ORDER_INPUT, PARALLEL, Handler, Nobody, machine, passing, task
from tests.question_runs import Asking, check, output, says, shown, wrong

TABLES = (
    *("catching", "containers", "counting", "delays", "endings", "expressions", "handlers", "jsonata", "paths"),
    *("rules", "templates", "variables"),
)


def test_ids_are_told_apart_and_each_mistake_belongs_to_a_kind() -> None:
    assert len(mistake_ids()) == len(KNOWN)
    assert all(known.kinds for known in KNOWN)
    assert {known.id for kind in PredictKind for known in mistakes_for(kind)} == mistake_ids()


def test_every_mistake_is_made_in_a_table() -> None:
    from importlib import import_module

    modules = [import_module(f"tests.unit.lessons.questions.test_{name}") for name in TABLES]
    made = {one[0] for module in modules for _, found in module.EXPECTED.values() for one in found}
    assert made | {"rule-forced", "no-such-way"} == mistake_ids()


def test_the_page_of_mistakes_is_as_the_program_has_it() -> None:
    page = Path(__file__).parents[4] / "docs" / "mistakes.md"
    assert page.read_text(encoding="utf-8") == mistakes_page(), "make docs"


# where they are asked


def test_a_question_inside_of_branches_and_iterations() -> None:
    debugger = Debugger(PARALLEL, {"n": 1})
    for _ in range(5):
        debugger.step_into()
    assert debugger.view().state is not None
    assert shown(question_asked(debugger, output()).right) == {"n": 1}
    debugger = Debugger(EACH, {"items": [{"x": 1}, {"x": 2}]}, tasks=Handler())
    while debugger.cursor.branch != (("Each", 1),):
        debugger.step_into()
    question = question_asked(debugger, Asked(PredictKind.INPUT, state="Work"))
    assert question.prompt == "What is the input of Work?"
    assert shown(question_asked(debugger, Asked(PredictKind.OUTPUT, of="execution")).right) == [{"x": 1}, {"x": 2}]


def test_what_is_explored_and_decided_already_is_followed() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler({"Charge": says({"paid": True})}))
    debugger.step_over()
    debugger.force_choice(0)
    assert shown(question_asked(debugger, Asked(PredictKind.NEXT)).right) == "Hold"
    debugger.run()
    debugger.restart()
    debugger.step_over()
    assert shown(question_asked(debugger, Asked(PredictKind.NEXT)).right) == "Hold"
    assert shown(question_asked(debugger, Asked(PredictKind.INPUT, state="Charge")).right) == {
        **ORDER_INPUT,  # type: ignore[dict-item]
        "reserved": {"total": 42.5},
    }


def test_a_task_is_answered_by_what_answers_it_and_nothing_is_called() -> None:
    called: list[Any] = []
    debugger = Debugger(machine(A=task()), tasks=FunctionTasks({"A": lambda given: called.append(given)}))
    with pytest.raises(CannotAskError, match="'A' would really be called to know it"):
        question_asked(debugger, output())
    assert not called
    debugger.step_over()
    debugger.restart()
    assert shown(question_asked(debugger, output()).right) is None


def test_a_machine_that_a_task_starts_is_run_for_it() -> None:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:Inner"},
        "ResultSelector": {"out.$": "$.Output"},
        "End": True,
    }
    inner = definition_from(machine(A=passing("B", Result=1), B=passing()))
    debugger = Debugger(machine(Start=start), tasks=StateMachines({"Inner": inner}))
    assert shown(question_asked(debugger, output()).right) == {"out": 1}
    debugger.step_into()
    while debugger.asking is None:
        debugger.step_into()
    entered = debugger.nested.enter()
    with pytest.raises(CannotAskError, match="hangs on the execution that it started, which is not over"):
        question_asked(debugger, output())
    entered.run()
    assert shown(question_asked(debugger, output()).right) == {"out": 1}


# why not

NOBODY = {"A": lambda request: None}


@pytest.mark.parametrize(
    ("asking", "why"),
    [
        (Asking(machine(A=task()), output(), {}, NOBODY), "'A' asks for a result, and only you can answer"),
        (Asking(machine(A=passing()), Asked(PredictKind.INPUT, state="C")), "the definition has no state 'C'"),
        (Asking(machine(A=passing(), B=passing()), Asked(PredictKind.INPUT, state="B")), "'B' is not entered any more"),
        (Asking(machine(A=passing()), output(), over=1), "no state is at hand: the execution is over"),
        (Asking(machine(A=passing()), Asked(PredictKind.RULE)), "'A' is a Pass: only a Choice has rules"),
        (Asking(machine(A=passing()), Asked(PredictKind.CATCHER)), "nothing fails in 'A' here: no Catcher is asked"),
        (Asking(machine(A=task()), Asked(PredictKind.DELAY)), "there is no retry 1 of 'A' here"),
        (Asking(machine(A=passing()), output(StageName.PARAMETERS)), "'A' does not come to its Parameters here"),
        (Asking(ENDLESS, output(of="execution")), "it goes on for more than 20,000 steps, and nobody looks further"),
        (
            Asking(
                machine(A=task(Retry=[{"ErrorEquals": ["Busy"], "JitterStrategy": "FULL"}])),
                Asked(PredictKind.DELAY),
                {},
                {"A": lambda request: TaskFailure("Busy")},
            ),
            "how long 'A' waits hangs on chance: its Retrier has jitter",
        ),
    ],
)  # fmt: skip
def test_why_a_question_cannot_be_asked(asking: Asking, why: str) -> None:
    with pytest.raises(CannotAskError) as caught:
        asking.question()
    assert caught.value.what == why


def test_where_nobody_answers_at_all() -> None:
    debugger = Debugger(machine(A=task()), tasks=Nobody())
    with pytest.raises(CannotAskError) as caught:
        question_asked(debugger, output())
    assert caught.value.fix == "Mock its answer, or answer it."


# how answers are shown and judged

CHARGE = Asking(machine(Charge=task("Ship"), Ship=passing()), output(), {"orderId": 7}, {"Charge": says({"paid": 2})})


def test_choices_stand_in_an_order_that_tells_nothing_and_is_the_same_each_time() -> None:
    question = CHARGE.question()
    assert [choice.text for choice in question.choices] == [choice.text for choice in CHARGE.question().choices]
    assert [choice.text for choice in question.choices] == [
        '{"paid": 2}',
        '{"orderId": 7, "paid": 2}',
        '{"orderId": 7, "result": {"paid": 2}}',
        '{"orderId": 7}',
    ]
    assert question.can_be_chosen
    numbers = Asking(
        machine(A={"Type": "Wait", "Seconds": 30, "End": True}), Asked(PredictKind.DELAY, AnswerForm.NUMBER)
    ).question()
    assert [choice.text for choice in numbers.choices] == ["0 s", "0.03 s", "30 s", "1,800 s"]
    assert numbers.unit == "s"


def test_long_values_are_cut_where_all_are_the_same() -> None:
    long: dict[str, Any] = {
        "customer": {"name": "Ada Lovelace", "street": "St James's Square", "city": "London"},
        "orderId": 7,
    }
    asking = Asking(machine(A=task(ResultPath="$.payment")), output(), long, {"A": says({"receipt": "r-1"})})
    assert [choice.text for choice in asking.question().choices] == [
        '{"customer": …, "orderId": 7, "payment": {"receipt": "r-1"}}',
        '{"receipt": "r-1"}',
        '{"customer": …, "orderId": 7, "receipt": "r-1"}',
        '{"customer": …, "orderId": 7}',
    ]


def test_what_is_typed_is_judged_as_what_it_is() -> None:
    question = CHARGE.question()
    assert judge(question, {"paid": 2.0}).is_right
    judged = judge(question, {"orderId": 7, "paid": 2})
    assert not judged.is_right
    assert judged.mistake is not None
    assert judged.mistake.id == "result-path-merged"
    assert judged.difference == (Change("-", "/orderId", 7, MISSING),)
    judged = judge(question, {"paid": 3})
    assert judged.mistake is None
    assert judged.sentence == "That is not one of the usual mistakes: the difference shows where the two part."
    assert judged.difference == (Change("~", "/paid", 3, 2),)
    wait = Asking(machine(A={"Type": "Wait", "Seconds": 30, "End": True}), Asked(PredictKind.DELAY)).question()
    assert judge(wait, "30 s").is_right
    assert judge(wait, 30.0).is_right
    assert judge(wait, 31).sentence == f"That is not one of the usual mistakes. {wait.told}".rstrip()
    assert not judge(wait, "soon").is_right
    assert not judge(wait, True).is_right
    after = Asking(machine(A=passing("B"), B=passing()), Asked(PredictKind.NEXT, AnswerForm.STATE)).question()
    assert judge(after, " B").is_right
    rule = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "B"}], "Default": "B"}
    default = Asking(machine(A=rule, B=passing()), Asked(PredictKind.RULE)).question()
    assert judge(default, "default").is_right


def test_what_fails_has_no_value_to_type() -> None:
    asked = Asked(PredictKind.OUTPUT, AnswerForm.JSON)
    question = Asking(machine(A=passing(InputPath="$.x")), asked).question()
    assert question.form is AnswerForm.CHOOSE
    assert question.right.text == "nothing: it fails with States.Runtime"
    assert not judge(question, None).is_right


def test_no_choice_has_its_keys_in_an_order_of_its_own() -> None:
    given: dict[str, Any] = {"orderId": "A-17", "note": "n" * 90, "total": 20}
    charge = machine(Charge=task(ResultPath="$.payment"))
    question = Asking(charge, output(), given, {"Charge": says({"total": 20, "note": "paid"})}).question()
    within = re.compile(r'("payment": )\{[^}]*\}')
    orders = [re.findall(r'"(\w+)":', within.sub(r"\1…", choice.text)) for choice in question.choices]
    every = ("note", "payment", "orderId", "total")
    assert len(orders) > 2
    assert all(order == [key for key in every if key in order] for order in orders), orders


def test_what_tells_large_answers_apart_stands_in_front() -> None:
    order: dict[str, Any] = {"orderId": "A-1", "customer": "Ada " * 9, "items": [1] * 30, "total": 72.5}
    paid: dict[str, Any] = {"chargeId": "ch_8801", "amount": 72.5}
    assert json_texts([{**order, **paid}, order, {**order, "payment": paid}, paid]) == [
        '{"chargeId": "ch_8801", "amount": 72.5, "orderId": "A-1", "customer": …, …}',
        '{"orderId": "A-1", "customer": …, "items": …, "total": 72.5}',
        '{"payment": {"chargeId": "ch_8801", "amount": 72.5}, "orderId": "A-1", …}',
        '{"chargeId": "ch_8801", "amount": 72.5}',
    ]


# what steps of a lesson ask


def test_a_step_of_a_lesson_chooses_among_mistakes_and_has_its_own() -> None:
    debugger = CHARGE.debugger()
    mine = WrongChoice({"lost": True}, "Nothing is lost.")
    question = question_asked(debugger, output(mistakes=("result-path-nested",), wrong=(mine,)))
    check(question)
    assert wrong(question) == [
        ("by-hand", {"lost": True}, "Nothing is lost."),
        (
            "result-path-nested",
            {"orderId": 7, "result": {"paid": 2}},
            "There is no ResultPath, so the result gets no place of its own: it takes the place of the whole input of "
            "Charge.",
        ),
    ]


def test_a_step_about_a_field_that_is_not_there_is_about_the_state() -> None:
    question = question_asked(CHARGE.debugger(), output(StageName.RESULT_PATH))
    assert question.prompt == "What is the output of Charge?"
    assert shown(question.right) == {"paid": 2}


def test_a_question_about_the_execution() -> None:
    debugger = CHARGE.debugger()
    question = question_asked(debugger, output(of="execution"))
    assert question.prompt == "What is the output of the execution?"
    whole = simulate(CHARGE.machine, CHARGE.input, Handler(CHARGE.answers))
    assert shown(question.right) == whole.output


def test_what_is_told_of_a_failure_is_cut() -> None:
    definition = machine(A=passing("B"), B=passing(Parameters={"x.$": "$.no"}))
    asked = Asked(PredictKind.ERROR, of="execution")
    question = question_asked(Debugger(definition, {"much": "data " * 500}), asked)
    assert question.told.startswith("The execution fails with States.Runtime: An error occurred while executing ")
    assert len(question.told) == 200
    assert question.told.endswith("…")
