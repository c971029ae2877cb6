"""Judging a prediction: whether it is right, and if not, what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.view.json_diff import diff
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.answers import DEFAULT
from sfdebug.lessons.questions.model import AnswerChoice, Judgement, LessonQuestion
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.view.json_diff import Change

UNUSUAL: Final = "That is not one of the usual mistakes: the difference shows where the two part."
UNUSUAL_VALUE: Final = "That is not one of the usual mistakes."
_NAMED: Final = (PredictKind.NEXT, PredictKind.STATUS, PredictKind.ERROR)


def judge(question: LessonQuestion, prediction: AnswerChoice | Json) -> Judgement:
    """Judge a prediction.

    Args:
        question: What was asked.
        prediction: One of its choices, or what somebody has typed: JSON, a number, a state's name, a status, "Default".

    Returns:
        Whether it is right. A wrong one has the sentence of the mistake that it shows, where it is a known one.
    """
    right = question.right
    given = prediction if isinstance(prediction, AnswerChoice) else AnswerChoice(_read(question, prediction), "")
    if right.is_same(given.value, given.error):
        return Judgement(True, "", None, right)
    known = (given, *question.wrong, *question.others)
    mistake = next((one.mistake for one in known if one.mistake and one.is_same(given.value, given.error)), None)
    difference: tuple[Change, ...] = ()
    if is_present(given.value) and is_present(right.value):
        difference = diff(given.value, right.value)
    if mistake is not None:
        return Judgement(False, mistake.sentence, mistake, right, difference)
    is_json = isinstance(right.value, dict | list) and bool(difference)
    sentence = UNUSUAL if is_json else f"{UNUSUAL_VALUE} {question.told}".rstrip()
    return Judgement(False, sentence, None, right, difference)


def _read(question: LessonQuestion, typed: Json) -> Json:
    """What was typed, as the value that it stands for: a number or a name may come as a text."""
    if not isinstance(typed, str):
        return typed
    text = typed.strip()
    if question.kind in _NAMED:
        return text.upper() if question.kind is PredictKind.STATUS else text
    if question.kind is PredictKind.RULE and text.casefold() == DEFAULT.casefold():
        return DEFAULT
    if isinstance(question.right.value, int | float) and not isinstance(question.right.value, bool):
        try:
            return float(text.removesuffix(question.unit).strip() if question.unit else text)
        except ValueError:
            return typed
    return typed
