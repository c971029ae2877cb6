"""A question while it is asked: what is typed, and what is said of a prediction."""

from __future__ import annotations

import pytest

from sfdebug.lessons.model import AnswerForm, PredictKind
from sfdebug.lessons.questions.judging import judge
from sfdebug.lessons.questions.model import AnswerChoice, LessonQuestion, MadeMistake
from sfdebug.tui.lessons.asking import OpenQuestion, number_in
from sfdebug.values import MISSING


def asked(form: AnswerForm, right: AnswerChoice, *wrong: AnswerChoice, unit: str = "") -> OpenQuestion:
    kind = PredictKind.DELAY if unit else PredictKind.OUTPUT
    return OpenQuestion(LessonQuestion(kind, "What comes?", form, right, wrong, unit, told="It was computed."))


def predicted(question: OpenQuestion) -> object:
    return question.prediction


def test_a_number_is_typed_digit_by_digit() -> None:
    question = asked(AnswerForm.NUMBER, AnswerChoice(4, "4"), unit="seconds")
    assert predicted(question) is MISSING
    assert [question.type(key) for key in ("4", "h", "x", ".", "5", "backspace", "backspace")] == [
        True, False, False, True, True, True, True,
    ]  # fmt: skip
    assert question.typed == "4"
    assert predicted(question) == 4
    assert question.told(judge(question.question, 4), 4) == "So it is: 4 seconds. It was computed."
    assert question.told(judge(question.question, 2), 2, "And so on.").startswith("It is 4 seconds, not 2 seconds.")
    assert question.solved("And so on.") == "It is 4 seconds. It was computed.\nAnd so on."


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("0.5", 0.5), ("", MISSING), ("-", MISSING), ("1.2.3", MISSING)]
)
def test_numbers_are_read(text: str, number: object) -> None:
    assert number_in(text) == number


def test_a_wrong_choice_is_told_what_it_is_about() -> None:
    mistake = MadeMistake("merged", "Nothing is merged here.")
    long = AnswerChoice({"a": "x" * 90}, '{"a": "' + "x" * 90 + '"}')
    wrong = AnswerChoice({}, "{}", mistake=mistake)
    question = asked(AnswerForm.CHOOSE, long, wrong, AnswerChoice([], "[]"))
    assert len(question.choices) == 3
    at = question.choices.index(wrong)
    question.choose(at)
    question.choose(7)
    assert question.choice is wrong
    told = question.told(judge(question.question, wrong), wrong, "Remember it.")
    first, last = told.split("\n")
    assert first.startswith('It is {"a": "xxx')
    assert "not {}." in first
    assert first.endswith("Nothing is merged here.")
    assert last == "Remember it."
    assert not question.type("1")


def test_a_long_value_within_a_sentence_is_closed_and_no_answer_is_retold_as_a_sentence() -> None:
    right = AnswerChoice({}, '{"to": "Ada, \\"A\\"", "rows": [1, {"grams": 250}, "' + "x" * 60 + '"], "more": 1}')
    question = asked(AnswerForm.CHOOSE, right, AnswerChoice(MISSING, "none: it does not fail", "none"))
    assert question.solved() == 'It is {"to": "Ada, \\"A\\"", "rows": [1, {"grams": 250}, …]}. It was computed.'
    assert question.told(judge(question.question, question.question.wrong[0]), question.question.wrong[0]).startswith(
        'It is {"to": "Ada, \\"A\\"", "rows": [1, {"grams": 250}, …]}. '
    )
    assert asked(AnswerForm.CHOOSE, AnswerChoice([], "[" + "x" * 99)).solved().startswith("It is [xxx")
    typed = asked(AnswerForm.JSON, AnswerChoice("Log", '"Log"'))
    assert typed.told(judge(typed.question, "Pack"), "Pack").startswith('It is "Log", not "Pack". ')
