"""Takes the run of a lesson from step to step, and keeps what became of each in the progress of its course."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.wording.values import named
from sfdebug.lessons.model import DoStep, PredictStep, TaskKind
from sfdebug.lessons.progress import StepState
from sfdebug.lessons.questions.asking import question_asked
from sfdebug.lessons.questions.judging import judge
from sfdebug.lessons.stage import LessonRun
from sfdebug.lessons.tasks import has_gone_past, is_done, mark
from sfdebug.tui.keys import key_of
from sfdebug.values import compact, is_present

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.lessons.model import Lesson
    from sfdebug.lessons.progress import ProgressFile
    from sfdebug.lessons.questions.model import AnswerChoice, Judgement, LessonQuestion
    from sfdebug.lessons.tasks import LookedAt
    from sfdebug.values import Json


class CourseWalk:
    """The run of one lesson of a course, and the step that it stands at."""

    def __init__(self, lesson: Lesson, progress: ProgressFile) -> None:
        """Begin the run. Raises SfdebugError for files that cannot be used."""
        self.lesson = lesson
        self.index = 0
        self._progress = progress
        self._run = LessonRun(lesson)
        self._since = mark(self.debugger)
        self._stood = self.debugger.cursor
        self._is_there = False
        """Whether the run stands where the step at hand begins."""

    @property
    def debugger(self) -> Debugger:
        """What the run is in; another one after a step that begins anew."""
        return self._run.debugger

    @property
    def has_strayed(self) -> bool:
        """Whether the run stands elsewhere than where the step began, or something was decided."""
        return self.debugger.cursor != self._stood or self._has_decided

    @property
    def _has_decided(self) -> bool:
        now, since = mark(self.debugger), self._since
        return (now.decided, now.forks, now.breakpoints) != (since.decided, since.forks, since.breakpoints)

    def resume(self) -> None:
        """Stand at the step where one was last; at the first of a lesson that is over or was not begun."""
        progress, count = self._progress.progress.of(self.lesson), len(self.lesson.steps)
        at = progress.at
        if 0 < at < count and not all(index in progress.steps for index in range(count)):
            self.go_to(at)
        else:
            self._stand(0)

    def forward(self) -> None:
        """Stand at the next step."""
        self._is_there = False
        self._stand(self.index + 1)

    def go_to(self, index: int) -> None:
        """Stand at an earlier step, or at this one again, with the run as it was then. Raises SfdebugError."""
        self._stand(index)
        self._run.stand_at(index)
        self._is_there = True

    def _stand(self, index: int) -> None:
        self.index = index
        self._progress.stand(self.lesson, index)

    def enter(self) -> None:
        """Take the run to where the step stands. Raises SfdebugError when it does not come there."""
        if not self._is_there:
            self._run.enter(self.lesson.steps[self.index])
        self._is_there = True
        self._since = mark(self.debugger)
        self._stood = self.debugger.cursor

    def question(self) -> LessonQuestion:
        """What a predict step asks. Raises CannotAskError when there is no answer."""
        step = self.lesson.steps[self.index]
        assert isinstance(step, PredictStep), "only these ask"
        return question_asked(self.debugger, step.asked)

    def judge(self, question: LessonQuestion, prediction: AnswerChoice | Json) -> Judgement:
        """What is to be said of a prediction."""
        return judge(question, prediction)

    def is_done(self, looked: LookedAt | None) -> bool:
        """Whether what a do step asks for has happened since it was entered."""
        step = self.lesson.steps[self.index]
        return isinstance(step, DoStep) and is_done(self.debugger, step, self._since, looked)

    @property
    def has_gone_past(self) -> bool:
        """Whether more was done than a do step asks for."""
        step = self.lesson.steps[self.index]
        return isinstance(step, DoStep) and has_gone_past(self.debugger, step, self._since)

    def leave(self) -> None:
        """Have happen what a predict step asks about, from where the step stands, however one has walked meanwhile; do
        what a do step asks for. Raises SfdebugError when it cannot be done."""
        if self._has_decided:
            self._run.stand_at(self.index)  # what was decided would change what comes
        else:
            self.debugger.timeline.put_cursor(self._stood.node, self._stood.stage_offset, self._stood.focus)
        self._run.leave(self.lesson.steps[self.index])

    def how_to_do(self) -> str:
        """How a do step is done, in a sentence."""
        step = self.lesson.steps[self.index]
        return how_to_do(step) if isinstance(step, DoStep) else ""

    def passed(self) -> None:
        """Remember that the step was passed."""
        self._progress.mark(self.lesson, self.index, StepState.PASSED)

    def seen(self) -> None:
        """Remember that its solution was shown."""
        self._progress.mark(self.lesson, self.index, StepState.SEEN)

    def skipped(self) -> None:
        """Remember that it was left out."""
        self._progress.mark(self.lesson, self.index, StepState.SKIPPED)


_KEYS: Final = {
    TaskKind.INJECT: "impose.inject",
    TaskKind.FORCE: "impose.force",
    TaskKind.EDIT_INPUT: "impose.edit",
    TaskKind.ANSWER: "impose.answer",
    TaskKind.STEP_OVER: "step.over",
    TaskKind.STEP_INTO: "step.into",
    TaskKind.STEP_BACK: "back.into",
    TaskKind.BACK_OVER: "back.over",
    TaskKind.RUN: "step.continue",
    TaskKind.RUN_TO: "step.to",
    TaskKind.BREAKPOINT: "break.state",
    TaskKind.LOOK: "look.stages",
}
"""The command that does what is asked, by its id."""

_FORKS: Final = ("impose.force", "impose.inject", "impose.edit")


def how_to_do(step: DoStep) -> str:
    """How what a step asks for is done, in a sentence with its key."""
    state = named(step.state) if step.state else "the state at hand"
    match step.task:
        case TaskKind.INJECT:
            with_ = f" with {step.error}"
        case TaskKind.FORCE:
            with_ = f", to rule {step.rule}" if step.rule is not None else ", to Default"
        case TaskKind.ANSWER:
            with_ = f" with {step.error or (compact(step.output) if is_present(step.output) else 'any result')}"
        case TaskKind.EDIT_INPUT:
            with_ = f" to {compact(step.output)}" if is_present(step.output) else ""
        case TaskKind.LOOK:
            with_ = f", {step.stage} among them" if step.stage is not None else ""
        case TaskKind.FORK:
            keys = ", ".join(map(key_of, _FORKS))
            return f"It is done now: what is changed in the past ({keys}) makes a fork."
        case _:
            with_ = ""
    return f"It is done now: {key_of(_KEYS[step.task])} does it at {state}{with_}."
