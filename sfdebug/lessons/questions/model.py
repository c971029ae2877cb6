"""The values of questions: what is asked, the answers that can be chosen, and what is said of a prediction."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.errors import SfdebugError
from sfdebug.lessons.model import AnswerForm, PredictKind
from sfdebug.values import MISSING, Json, Value, compact, is_present, same

if TYPE_CHECKING:
    from sfdebug.debugger.view.json_diff import Change

MOST_WRONG: Final = 3
"""So many wrong choices are shown at most."""
LEAST_WRONG: Final = 2
"""With fewer wrong choices, choosing is no prediction."""

OF_RUN: Final = frozenset({PredictKind.VISITS, PredictKind.COUNT, PredictKind.METRIC, PredictKind.COST})
"""What is asked of a whole run, wherever one stands in it."""
_IN_ORDER: Final = frozenset({PredictKind.RULE, PredictKind.CATCHER})
"""What is asked by a number that the definition gives it: shown in that order, which tells nothing."""


class CannotAskError(SfdebugError):
    """A question that has no answer where it is asked: `what` says why."""


class MadeMistake(Struct, frozen=True):
    """A known mistake as it was made here: the id of its kind, and what mends it, in a sentence."""

    id: str
    sentence: str


class AnswerChoice(Struct, frozen=True):
    """One answer: its value and how it is written in a line.

    Without a value (MISSING), `error` says with which error name it fails instead; "" for no value at all. `mistake` is
    what leads to it; None for the right one.
    """

    value: Value
    text: str
    error: str = ""
    mistake: MadeMistake | None = None

    def is_same(self, value: Value, error: str = "") -> bool:
        """Whether another answer says the same."""
        if not is_present(self.value) or not is_present(value):
            return self.value is value and self.error == error
        return same(self.value, value)


class LessonQuestion(Struct, frozen=True):
    """A question with its answer. `told` says in a sentence what happens; `unit` is that of numbers, "" without one.

    `others` are further mistakes that a typed answer can be matched with, besides the wrong choices.
    """

    kind: PredictKind
    prompt: str
    form: AnswerForm
    right: AnswerChoice
    wrong: tuple[AnswerChoice, ...]
    unit: str = ""
    told: str = ""
    others: tuple[AnswerChoice, ...] = ()

    @property
    def choices(self) -> tuple[AnswerChoice, ...]:
        """All choices as they are shown: numbers and rules in their order, all else in one that tells nothing."""
        every = (self.right, *self.wrong)
        if self.kind in _IN_ORDER or all(is_number(choice.value) for choice in every):
            return tuple(sorted(every, key=_by_number))
        return tuple(sorted(every, key=lambda choice: (zlib.crc32(_identity(self.prompt, choice)), choice.text)))

    @property
    def can_be_chosen(self) -> bool:
        """Whether there are enough wrong choices for choosing to be a prediction."""
        return len(self.wrong) >= LEAST_WRONG


class Judgement(Struct, frozen=True):
    """What is said of a prediction: whether it is right, the sentence that mends a wrong one ("" for a right one),
    the mistake that it shows (None: not a usual one), and how the right answer differs from it."""

    is_right: bool
    sentence: str
    mistake: MadeMistake | None
    right: AnswerChoice
    difference: tuple[Change, ...] = ()


def is_number(value: Value) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _by_number(choice: AnswerChoice) -> tuple[int, float, str]:
    value = choice.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, value, ""
    return 1, 0, choice.text


def _identity(prompt: str, choice: AnswerChoice) -> bytes:
    value: Sequence[Json] = [prompt, choice.error, None if choice.value is MISSING else choice.value]
    return compact(list(value)).encode("utf-8", "surrogatepass")
