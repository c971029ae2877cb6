"""A question that is asked at the foot of the screen: what is chosen or typed so far, and what is said of it then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.lessons.model import AnswerForm
from sfdebug.lessons.questions.model import AnswerChoice
from sfdebug.lessons.questions.wording import shorter_json, spaced
from sfdebug.text import ELLIPSIS, clean
from sfdebug.values import MISSING, Missing, compact

if TYPE_CHECKING:
    from sfdebug.lessons.questions.model import Judgement, LessonQuestion
    from sfdebug.values import Json

_LONGEST_NUMBER: Final = 24
_IN_NUMBERS: Final = frozenset("0123456789.-")
_IN_SHORT: Final = 24
_IN_A_LINE: Final = 60
"""Cells of a value that stands within a sentence; the data have it whole."""


class OpenQuestion:
    """One question while it is asked."""

    def __init__(self, question: LessonQuestion) -> None:
        self.question = question
        self.choices = question.choices if question.form is AnswerForm.CHOOSE else ()
        self.chosen = 0
        self.typed = ""

    @property
    def form(self) -> AnswerForm:
        """How it is answered."""
        return self.question.form

    @property
    def entry(self) -> str | None:
        """The number that was typed so far; None where none is asked for."""
        return self.typed if self.form is AnswerForm.NUMBER else None

    @property
    def choice(self) -> AnswerChoice | None:
        """The choice at hand."""
        return self.choices[self.chosen] if self.choices else None

    @property
    def is_shortened(self) -> bool:
        """Whether a choice is not written whole in its line."""
        whole = ((one.text, one.value) for one in self.choices if isinstance(one.value, dict | list))
        return any(text != clean(spaced(value)) for text, value in whole)

    def choose(self, number: int) -> None:
        """Have this choice at hand."""
        if 0 <= number < len(self.choices):
            self.chosen = number

    def type(self, key: str) -> bool:
        """Take a character, or "backspace"; whether it can belong to the answer."""
        if self.form is not AnswerForm.NUMBER:
            return False
        if key == "backspace":
            self.typed = self.typed[:-1]
            return True
        if key not in _IN_NUMBERS or len(key) != 1 or len(self.typed) >= _LONGEST_NUMBER:
            return False
        self.typed += key
        return True

    @property
    def prediction(self) -> AnswerChoice | Json | Missing:
        """What stands there as the answer; MISSING where nothing does that could be one."""
        if self.form is AnswerForm.CHOOSE:
            return self.choice if self.choice is not None else MISSING
        if self.form is AnswerForm.NUMBER:
            return number_in(self.typed)
        return MISSING

    def told(self, found: Judgement, prediction: AnswerChoice | Json, reveal: str = "") -> str:
        """What is said of a prediction, in paragraphs; `reveal` is said last, right or wrong."""
        return "\n".join(filter(None, (self._result(found, prediction), reveal)))

    def solved(self, reveal: str = "") -> str:
        """What is said when the answer is shown without a prediction."""
        text = f"It is {_ended(self._right(self.question.right))} {self.question.told}".rstrip()
        return "\n".join(filter(None, (text, reveal)))

    def _result(self, found: Judgement, prediction: AnswerChoice | Json) -> str:
        right = self._right(found.right)
        if found.is_right:
            return f"So it is: {_ended(right)} {self.question.told}".rstrip()
        said = self._said(prediction)
        return f"It is {_ended(f'{right}, not {said}' if said else right)} {found.sentence}".rstrip()

    def _right(self, choice: AnswerChoice) -> str:
        return self._with_unit(shorter_json(choice.text, _IN_A_LINE))

    def _said(self, prediction: AnswerChoice | Json) -> str:
        """What was predicted, where it is short."""
        if isinstance(prediction, AnswerChoice):
            text = prediction.text
        else:
            is_name = isinstance(prediction, str) and self.form is not AnswerForm.JSON
            text = str(prediction) if is_name else compact(prediction)
        is_sentence = text.startswith("none: ")
        return self._with_unit(text) if len(text) <= _IN_SHORT and not is_sentence else ""

    def _with_unit(self, text: str) -> str:
        unit = self.question.unit
        return f"{text} {clean(unit)}" if unit and text[-1:].isdigit() else text


def _ended(text: str) -> str:
    """A sentence with its full stop, which one that was cut does without."""
    return text if text.endswith(ELLIPSIS) else f"{text}."


def number_in(text: str) -> float | Missing:
    """The number that somebody has typed; MISSING for what is none."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return MISSING
