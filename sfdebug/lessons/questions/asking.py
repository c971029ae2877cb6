"""Making a question: the right answer from what comes ahead, wrong ones from known mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.errors import SfdebugError
from sfdebug.lessons.model import AnswerForm, Asked, PredictKind
from sfdebug.lessons.questions.ahead import Foresight
from sfdebug.lessons.questions.answers import answer_in
from sfdebug.lessons.questions.mistakes.case import Case
from sfdebug.lessons.questions.mistakes.known import mistakes_for
from sfdebug.lessons.questions.model import (
    MOST_WRONG,
    OF_RUN,
    AnswerChoice,
    CannotAskError,
    LessonQuestion,
    MadeMistake,
)
from sfdebug.lessons.questions.subjects import stage_asked, state_at, subject_of
from sfdebug.lessons.questions.wording import in_one_order, prompt_of, texts_of, told, unit_of
from sfdebug.values import is_present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger import Debugger
    from sfdebug.values import Value

BY_HAND: Final = "by-hand"
"""The id of what the author of a lesson has written."""
_MOST_KEPT: Final = 8
"""So many wrong answers are worked out at most; those that are not shown are known when somebody types one."""
_TYPED: Final = (AnswerForm.JSON, AnswerForm.NUMBER, AnswerForm.STATE)


def question_asked(debugger: Debugger, asked: Asked) -> LessonQuestion:
    """What is asked at the place where a debugger stands.

    Args:
        debugger: The session. It is not moved.
        asked: What is asked of it.

    Returns:
        The question with its answer, computed.

    Raises:
        CannotAskError: When there is no answer, or only the user could give it.
    """
    try:
        case = _case(debugger, asked)
    except CannotAskError:
        raise
    except SfdebugError as error:
        raise CannotAskError(error.what, where=error.where, fix=error.fix) from error
    asked, found = case.asked, case.found
    wrong = _wrong_answers(case)
    answers = _in_one_order([(found.value, found.error), *((one.value, one.error) for one in wrong)])
    texts = texts_of(asked, case.state, answers[: MOST_WRONG + 1])  # one of these is to be told from another
    texts += [texts_of(asked, case.state, [answer])[0] for answer in answers[MOST_WRONG + 1 :]]
    made = [AnswerChoice(value, text, error) for (value, error), text in zip(answers, texts, strict=True)]
    right = made[0]
    named = tuple(replace(choice, mistake=one.mistake) for choice, one in zip(made[1:], wrong, strict=True))
    # what fails has no value that somebody could type
    form = AnswerForm.CHOOSE if asked.form in _TYPED and not is_present(found.value) else asked.form
    return LessonQuestion(
        asked.kind,
        prompt_of(asked, case.state, is_at_hand=case.subject.is_at_hand),
        form,
        right,
        named[:MOST_WRONG],
        unit_of(asked),
        told(asked, found),
        named[MOST_WRONG:],
    )


def _in_one_order(answers: list[tuple[Value, str]]) -> list[tuple[Value, str]]:
    """The same answers, none of which can be told by the order of its keys."""
    values = iter(in_one_order([value for value, _ in answers if is_present(value)]))
    return [(next(values) if is_present(value) else value, error) for value, error in answers]


def _is_of_whole(asked: Asked) -> bool:
    """Whether no state is asked about."""
    is_of_one = asked.kind is PredictKind.VISITS or asked.of == "iterations"
    return asked.is_of_execution or (asked.kind in OF_RUN and not is_of_one)


def _case(debugger: Debugger, asked: Asked) -> Case:
    if asked.stage is not None and not asked.is_of_execution:
        asked = replace(asked, stage=stage_asked(debugger, asked))
    subject = subject_of(debugger, asked)
    state = None if _is_of_whole(asked) else state_at(debugger, asked)
    foresight = Foresight(debugger)
    if asked.kind is PredictKind.VALUE:
        from sfdebug.lessons.questions.values import value_here

        return Case(foresight, asked, subject, state, foresight.ahead(None), value_here(debugger, asked))
    is_here = not asked.is_of_execution and not subject.name and asked.kind not in OF_RUN
    ahead = foresight.ahead(foresight.focus if is_here else None)
    found = answer_in(ahead, asked, subject, state)
    return Case(foresight, asked, subject, state, ahead, found)


def _wrong_answers(case: Case) -> list[AnswerChoice]:
    """Wrong answers that differ from the right one and from one another, those by hand first."""
    kept: list[AnswerChoice] = []
    for one in _offered(case):
        if len(kept) == _MOST_KEPT:
            break
        is_right = AnswerChoice(case.found.value, "", case.found.error).is_same(one.value, one.error)
        if not is_right and not any(other.is_same(one.value, one.error) for other in kept):
            kept.append(one)
    if not is_present(case.found.value):
        return kept
    # That something fails is seldom what somebody thinks of who makes the mistake: it is offered last. And of each
    # kind of mistake one comes first.
    ids = [one.mistake.id if one.mistake is not None else "" for one in kept]
    again = {id(one): ids[:at].count(ids[at]) for at, one in enumerate(kept)}
    return sorted(kept, key=lambda one: (bool(one.error), again[id(one)]))


def _offered(case: Case) -> Iterator[AnswerChoice]:
    for written in case.asked.wrong:
        yield AnswerChoice(written.value, "", "", MadeMistake(BY_HAND, written.because))
    for known in mistakes_for(case.asked.kind):
        is_named = case.asked.mistakes is not None and known.id in case.asked.mistakes
        if not is_named and (case.asked.mistakes is not None or not known.is_about(case.asked.stage)):
            continue
        for wrong in known.find(case):
            yield AnswerChoice(wrong.value, "", wrong.error, MadeMistake(known.id, wrong.sentence))
