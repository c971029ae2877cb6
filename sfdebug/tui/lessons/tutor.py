"""Goes through the steps of a lesson with somebody: what is said, what is asked, when a step is passed.

It knows the run and no screen; a screen shows what `said` gives, and tells it what the user does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from sfdebug.errors import SfdebugError
from sfdebug.lessons.model import DoStep, MendStep, PredictStep
from sfdebug.lessons.questions.model import AnswerChoice
from sfdebug.tui.lessons.asking import OpenQuestion
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import Debugger
    from sfdebug.lessons.model import Lesson, Step
    from sfdebug.lessons.questions.model import Judgement, LessonQuestion
    from sfdebug.lessons.tasks import LookedAt
    from sfdebug.values import Json, Value


class LessonWalk(Protocol):
    """The run of a lesson, taken from step to step; it remembers what became of each."""

    lesson: Lesson
    index: int
    """The step at hand, from 0; as many as there are steps where it is over."""

    @property
    def debugger(self) -> Debugger:
        """What the run is in."""

    @property
    def has_strayed(self) -> bool:
        """Whether the run stands elsewhere than where the step began, or something was decided."""

    def resume(self) -> None:
        """Stand at the step where one was last; at the first of a lesson that is over or was not begun."""

    def forward(self) -> None:
        """Stand at the next step."""

    def go_to(self, index: int) -> None:
        """Stand at an earlier step, or at this one again, with the run as it was then."""

    def enter(self) -> None:
        """Take the run to where the step stands. Raises SfdebugError when it does not come there."""

    def question(self) -> LessonQuestion:
        """What a predict step asks. Raises SfdebugError when there is no answer."""

    def judge(self, question: LessonQuestion, prediction: AnswerChoice | Json) -> Judgement:
        """What is to be said of a prediction."""

    def is_done(self, looked: LookedAt | None) -> bool:
        """Whether what a do step asks for has happened since it was entered."""

    @property
    def has_gone_past(self) -> bool:
        """Whether more was done than a do step asks for."""

    def leave(self) -> None:
        """Have happen what a predict step asks about, and do what a do step asks for, where it was not done.

        Raises SfdebugError when it cannot be done.
        """

    def how_to_do(self) -> str:
        """How a do step is done, in a sentence."""

    def passed(self) -> None:
        """Remember that the step was passed."""

    def seen(self) -> None:
        """Remember that its solution was shown."""

    def skipped(self) -> None:
        """Remember that it was left out."""


class Turn(StrEnum):
    """What the user is to do now."""

    READ = "read"
    ANSWER = "answer"
    DO = "do"
    MEND = "mend"
    SEE = "see"
    """See what came of it."""
    OVER = "over"


class Tutor:
    """One person in one lesson."""

    def __init__(self, walk: LessonWalk, follows: str = "") -> None:
        """`walk` takes the run from step to step and remembers what became of each; `follows` is the title of the
        lesson that comes next, "" for none."""
        self.walk = walk
        self.lesson = walk.lesson
        self.follows = follows
        self.turn = Turn.READ
        self.typed: Value = MISSING
        """What was typed as the prediction of this step."""
        self.told = ""
        """What is told of what came of the step."""
        self.is_right = True
        self.question: OpenQuestion | None = None
        self.asked_of: StatePath = ()
        """The state that a prediction is about; () for the whole execution."""
        self.hints = 0
        self.is_hinting = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the lesson."""
        return self.lesson.steps

    @property
    def index(self) -> int:
        """The number of the step at hand, from 0; behind the last one where it is over."""
        return self.walk.index

    @property
    def step(self) -> Step:
        """The step at hand, or the last."""
        return self.steps[min(self.index, len(self.steps) - 1)]

    @property
    def debugger(self) -> Debugger:
        """What the run is in; another one after a step that begins anew."""
        return self.walk.debugger

    # From step to step

    def begin(self) -> None:
        """Begin where one was, or with the first step."""
        self._enter(self.walk.resume)

    def forward(self) -> None:
        """To the next step; after the last one it is over."""
        if self.turn is Turn.READ:
            self.walk.passed()
        self._enter(self.walk.forward)

    def backward(self) -> bool:
        """To where the step at hand began, if one has gone on from there; else to the step before, as it was when it
        began. Whether there is one."""
        has_gone_on = self.turn is Turn.SEE or (self.turn in (Turn.ANSWER, Turn.DO) and self.walk.has_strayed)
        if not has_gone_on and not self.index:
            return False
        index = self.index if has_gone_on else self.index - 1
        self._enter(lambda: self.walk.go_to(index))
        return True

    def skip(self) -> None:
        """Leave this step out."""
        if self.turn is not Turn.OVER:
            if self.turn in (Turn.ANSWER, Turn.DO, Turn.MEND):
                self.walk.skipped()
            self.forward()

    def _enter(self, go: Callable[[], None]) -> None:
        self.question, self.hints, self.is_hinting, self.told = None, 0, False, ""
        self.typed = MISSING
        try:
            go()
            if self.index >= len(self.steps):
                self.turn = Turn.OVER
                return
            self.walk.enter()
            self.turn = self._turn_of(self.step)
            if self.turn is Turn.READ and self.step is self.steps[-1]:
                self.walk.passed()  # nothing comes behind it: who leaves here has read it
        except SfdebugError as error:  # a fault of the lesson, which `learn --check` finds: one can go on
            self._see(f"This step cannot be taken: {error}", is_right=False)

    def _turn_of(self, step: Step) -> Turn:
        if isinstance(step, PredictStep):
            self.question = OpenQuestion(self.walk.question())
            self.asked_of = _asked_of(step, self.debugger)
            return Turn.ANSWER
        if isinstance(step, DoStep):
            return Turn.DO
        return Turn.MEND if isinstance(step, MendStep) else Turn.READ

    # What the user does

    def answer(self, prediction: AnswerChoice | Json) -> None:
        """Say what is predicted, and see what comes."""
        step, question = self.step, self.question
        if isinstance(step, PredictStep) and question is not None and self.turn is Turn.ANSWER:
            self.typed = MISSING if isinstance(prediction, AnswerChoice) else prediction
            found = self.walk.judge(question.question, prediction)
            self.walk.passed()
            self._leave(question.told(found, prediction, step.reveal), is_right=found.is_right)

    def look(self, looked: LookedAt | None = None) -> bool:
        """Look whether what a do step asks for has happened; whether it has just now. `looked` is the stage that
        somebody has just gone to."""
        step = self.step
        if not isinstance(step, DoStep) or self.turn is not Turn.DO or not self.walk.is_done(looked):
            return False
        self.walk.passed()
        self._see("\n".join(filter(None, ("That is it.", step.reveal))), is_right=True)
        return True

    def mended(self, *, has_seen_goal: bool) -> None:
        """A mend step has come to its goal; `has_seen_goal` says that the solution was shown before."""
        step = self.step
        if isinstance(step, MendStep) and self.turn is Turn.MEND:
            (self.walk.seen if has_seen_goal else self.walk.passed)()
            self._see("\n".join(filter(None, ("Mended: it comes to the goal.", step.reveal))), is_right=True)

    def hint(self) -> None:
        """One hint more; after the last one all of them again."""
        if self.step.hints and self.turn in (Turn.ANSWER, Turn.DO, Turn.MEND):
            if not self.is_hinting or self.hints < len(self.step.hints):
                self.hints = min(self.hints + 1, len(self.step.hints))
            self.is_hinting = True

    def end_hint(self) -> bool:
        """Back to what is asked; whether a hint was shown."""
        was_hinting, self.is_hinting = self.is_hinting, False
        return was_hinting

    def solve(self) -> None:
        """Show how it is done, and have it done."""
        step = self.step
        if self.turn is Turn.ANSWER and isinstance(step, PredictStep) and self.question is not None:
            told = self.question.solved(step.reveal)
        elif self.turn is Turn.DO and isinstance(step, DoStep):
            told = "\n".join(filter(None, (self.walk.how_to_do(), step.reveal)))
        elif self.turn is Turn.MEND and isinstance(step, MendStep):
            told = "\n".join(
                filter(None, ("The goal is another definition: the step is over as if mended.", step.reveal))
            )
        else:
            return
        self.walk.seen()
        self._leave(told, is_right=True)

    def _leave(self, told: str, *, is_right: bool) -> None:
        """Have happen what the step is about, and see it; with the reason where it cannot happen."""
        try:
            self.walk.leave()
        except SfdebugError as error:
            told = f"{told}\n{error}"
        self._see(told, is_right=is_right)

    def _see(self, told: str, *, is_right: bool) -> None:
        self.turn, self.told, self.is_right, self.is_hinting = Turn.SEE, told, is_right, False


def _asked_of(step: PredictStep, debugger: Debugger) -> StatePath:
    asked = step.asked
    if asked.is_of_execution:
        return ()
    if asked.state:
        return next((state.path for state in debugger.machine.walk() if state.name == asked.state), ())
    state = debugger.view().state
    return state.path if state is not None else ()
