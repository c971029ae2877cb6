"""Goes through a lesson as a learner who knows all answers, and one who knows none: what cannot be passed is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import read_source
from sfdebug.errors import DefinitionError, InputError, MockConfigError, SfdebugError
from sfdebug.lessons.mending import MendGoal
from sfdebug.lessons.model import AnswerForm, DoStep, MendStep, PredictKind, PredictStep
from sfdebug.lessons.questions.asking import question_asked
from sfdebug.lessons.questions.judging import judge
from sfdebug.lessons.questions.mistakes.known import mistakes_for
from sfdebug.lessons.questions.model import LEAST_WRONG, MOST_WRONG, CannotAskError
from sfdebug.lessons.stage import LessonRun
from sfdebug.lessons.tasks import is_done, mark
from sfdebug.text import cell_width
from sfdebug.values import Json, compact, is_present, same

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.lessons.model import Lesson, Step
    from sfdebug.lessons.questions.model import LessonQuestion

Told = Iterator[tuple[int, str, str]]
"""The line in lesson.toml, what is wrong there, and how it is mended."""

MOST_WALKED: Final = 40_000
"""So many instants have the runs of a lesson that are gone through: a lesson has some hundreds, and nobody waits for
minutes to be told of a machine that never ends."""

CHOICE_CELLS: Final = 76
"""So much of a choice fits in its line; of JSON the whole is shown beside it."""


_BEGINNING: Final[Mapping[type[SfdebugError], tuple[str, ...]]] = {
    MockConfigError: ("case", "cases", "mocks"),
    InputError: ("input",),
    DefinitionError: ("definition", "goal"),
}
"""The keys that an error in beginning a run comes from."""


def step_problems(lesson: Lesson) -> Told:
    """What of a lesson cannot be passed, or passes by itself."""
    try:
        run = LessonRun(lesson)
    except SfdebugError as error:
        yield 1, f"the lesson cannot begin: {_told(error)}", error.fix
        return
    for what, fix in _recording_problems(run.debugger):
        yield 1, what, fix
    is_lost = has_wandered = False
    walked = _Walked()
    for step in lesson.steps:
        if walked.count > MOST_WALKED:
            what = f"the steps before go through {walked.count:,} instants: from here on nothing was looked at"
            yield step.line, what, "Let the runs be shorter, or make several lessons of it."
            return
        is_placed = step.setup is not None or step.at is not None
        if is_lost and not is_placed:
            continue  # of where it stands nothing is known
        has_wandered = has_wandered and not is_placed
        if has_wandered and isinstance(step, PredictStep):
            yield (
                step.line_of("predict"),
                "where a learner stands here is not known: a do step comes before it",
                "Say where: at = …",
            )
        try:
            run.enter(step)
            if step.setup is not None:
                for what, fix in _recording_problems(run.debugger):
                    yield step.line, what, fix
            yield from _problems(run, step, walked)
            is_lost = False
        except SfdebugError as error:
            is_lost = True
            yield step.line_of(*_BEGINNING.get(type(error), ()), "at", "do", "mend"), _told(error), error.fix
        walked.add(run.debugger)
        has_wandered = has_wandered or isinstance(step, DoStep)


class _Walked:
    """How much a check has gone through."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, *runs: Debugger) -> None:
        """These runs were gone through, as far as they are known."""
        self.count += sum(len(run.timeline.nodes) for run in runs)


def _told(error: SfdebugError) -> str:
    return f"{error.where}: {error.what}" if error.where else error.what


def _recording_problems(debugger: Debugger) -> Iterator[tuple[str, str]]:
    """A recorded execution of another definition: what is computed would be none of it."""
    session = debugger.recorded
    if session is None:
        return
    fix = "Take the definition that it ran, or record the execution anew."
    if session.is_reconstructed:
        yield f"the recording cannot be read with the definition: {session.why_not_replayed}", fix
    elif session.replay is not None and session.replay.divergence is not None:
        event = session.replay.divergence.event_id
        yield f"the recording is of another definition: it goes another way from event {event} on", fix


def _problems(run: LessonRun, step: Step, walked: _Walked) -> Told:
    if isinstance(step, PredictStep):
        try:
            for key, what, fix in _question_problems(run.debugger, step):
                yield step.line_of(key), what, fix
        except CannotAskError as error:
            yield (
                step.line_of("predict"),
                _told(error),
                error.fix or "Ask for something else, or at another place: at = …",
            )
        run.leave(step)
    elif isinstance(step, DoStep):
        for what, fix in _task_problems(run, step):
            yield step.line_of("do"), what, fix
    elif isinstance(step, MendStep):
        for what, fix in _goal_problems(step, walked):
            yield step.line_of("goal"), what, fix


# predict


def _question_problems(debugger: Debugger, step: PredictStep) -> Iterator[tuple[str, str, str]]:
    yield from _mistake_problems(step)
    at = step.at
    is_right_before = at is not None and at.state and not at.stage and step.asked.state in ("", at.state)
    if at is not None and is_right_before and step.asked.kind is PredictKind.INPUT:
        yield (
            "at",
            f"the answer is in view: right before {at.state} its input is shown",
            'Ask at a place before it, and name it: at = "start", state = …',
        )
    question = question_asked(debugger, step.asked)
    if not judge(question, question.right).is_right:
        yield "answer", "the right answer is not taken for right", "Ask in another form: answer = …"
    if question.form is AnswerForm.CHOOSE:
        yield from _choice_problems(question, step)
    elif is_present(question.right.value):
        yield from _typed_problems(debugger, question)
    for wrong in question.wrong:
        judgement = judge(question, wrong)
        if judgement.is_right:
            yield "predict", f"the wrong choice {wrong.text} is taken for right", "Leave it out."
        if not judgement.sentence.strip():
            yield "predict", f"nothing mends the wrong choice {wrong.text}", "Write because = …"
    yield from _written_problems(question, step)


def _written_problems(question: LessonQuestion, step: PredictStep) -> Iterator[tuple[str, str, str]]:
    """Wrong choices that somebody has written, and that are right, stand there twice, or are never offered."""
    before: list[Json] = []
    for written in step.asked.wrong:
        text = compact(written.value)
        if judge(question, written.value).is_right:
            yield "wrong", f"the wrong choice {text} is right", "Leave it out."
        elif any(same(written.value, other) for other in before):
            yield "wrong", f"the wrong choice {text} is written twice", "Leave one out."
        elif len(before) == MOST_WRONG and question.form is AnswerForm.CHOOSE:
            yield "wrong", f"the wrong choice {text} is not offered: {MOST_WRONG} are at most", "Leave one out."
        before.append(written.value)


def _mistake_problems(step: PredictStep) -> Iterator[tuple[str, str, str]]:
    known = [mistake.id for mistake in mistakes_for(step.asked.kind)]
    for name in step.asked.mistakes or ():
        if name not in known:
            near = get_close_matches(name, known, 1)
            fix = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known) or 'none'}."
            yield "mistakes", f"{step.asked.kind} has no mistake '{name}'", fix


def _choice_problems(question: LessonQuestion, step: PredictStep) -> Iterator[tuple[str, str, str]]:
    if len(question.wrong) < LEAST_WRONG:
        found = "is only one wrong choice" if question.wrong else "are no wrong choices"
        written = 'write some: wrong = [{ value = …, because = "…" }]'
        fix = f"Ask in another form (answer = …), leave mistakes out, or {written}"
        if step.asked.mistakes is None:
            fix = f"Ask in another form (answer = …), at another place, or {written}"
        key = "mistakes" if step.asked.mistakes is not None else "predict"
        yield key, f"there {found}, and at least {LEAST_WRONG} make it a choice", fix
    for choice in question.choices:
        if cell_width(choice.text) > CHOICE_CELLS and not isinstance(choice.value, dict | list):
            yield (
                "predict",
                f"the choice {choice.text} is wider than {CHOICE_CELLS} cells",
                "Ask for something shorter.",
            )


def _typed_problems(debugger: Debugger, question: LessonQuestion) -> Iterator[tuple[str, str, str]]:
    right = question.right.value
    if not is_present(right):
        return
    if not judge(question, right).is_right:
        yield "answer", "the right answer, typed, is not taken for right", "Ask in another form: answer = …"
    names = [state.name for state in debugger.machine.walk()]
    if question.form is AnswerForm.STATE and right not in names:
        yield "predict", f"the answer is no state: {question.right.text}", 'Write: answer = "choose"'
    if question.form is AnswerForm.NUMBER and not isinstance(right, int | float):
        yield "predict", f"the answer is no number: {question.right.text}", 'Write: answer = "choose"'
    for other in _others(right, names, question.form):
        judgement = judge(question, other)
        if judgement.is_right or not judgement.sentence.strip():
            yield (
                "predict",
                f"the answer {compact(other)} is taken for right, or nothing is said of it",
                "Ask in another form.",
            )


def _others(right: Json, names: list[str], form: AnswerForm) -> list[Json]:
    """Answers that somebody could type, and which are wrong."""
    if form is AnswerForm.STATE:
        return [name for name in names if name != right]
    if isinstance(right, int | float) and not isinstance(right, bool):
        return [right + 1, -1 - right]
    return [None, {"other": right}] if right is not None else [0]


# do


def _task_problems(run: LessonRun, step: DoStep) -> Iterator[tuple[str, str]]:
    before = mark(run.debugger)
    if is_done(run.debugger, step, before):
        yield "it is done before anything was done", "Ask at another place: at = …"
    run.leave(step)
    if not is_done(run.debugger, step, before):
        yield f"doing it does not pass the step: {run.debugger.stop.text}", "Ask for it at another place: at = …"


# mend


def _goal_problems(step: MendStep, walked: _Walked) -> Iterator[tuple[str, str]]:
    goal = MendGoal(step)
    broken = goal.compare(goal.broken)
    walked.add(*goal.runs, *broken.runs)
    if broken.is_reached:
        yield f"{step.broken.name} comes to the goal as it is", "Break it, or compare more: compare = […]"
    result = goal.compare(read_source(step.goal).text)
    walked.add(*result.runs)
    if not result.is_reached:
        yield (
            f"{step.goal.name} does not come to itself: each run of it differs",
            "Use answers that are always the same.",
        )
