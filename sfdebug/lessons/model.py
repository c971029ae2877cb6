"""What a course is made of: chapters, lessons, steps, as they are written in course.toml and lesson.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct, field

from sfdebug.engine.execution.visit import StageName
from sfdebug.errors import Problem, UsageError
from sfdebug.limits import ExecutionType
from sfdebug.values import MISSING, Json, Value

COURSE: Final = "course.toml"
LESSON: Final = "lesson.toml"
START: Final = "start"
END: Final = "end"

_MOST_NAMED: Final = 12
"""So many lessons are named to who has named none of them."""


class LessonError(UsageError):
    """A course that cannot be used; `problems` lists all that is wrong with its files, in their order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, where=first.location, fix=first.fix)

    def __str__(self) -> str:
        return "\n".join(f"{problem}\n  {problem.fix}" if problem.fix else str(problem) for problem in self.problems)


class LitPane(StrEnum):
    """Which pane of the screen a step is about: the others are dimmed."""

    GRAPH = "graph"
    STAGES = "stages"
    DATA = "data"
    TIMELINE = "timeline"
    SENTENCE = "sentence"
    ALL = ""


class PredictKind(StrEnum):
    """What a predict step asks for."""

    OUTPUT = "output"
    INPUT = "input"
    NEXT = "next"
    RULE = "rule"
    CATCHER = "catcher"
    DELAY = "delay"
    ATTEMPTS = "attempts"
    STATUS = "status"
    ERROR = "error"
    VARIABLE = "variable"
    VISITS = "visits"
    COUNT = "count"
    VALUE = "value"
    COST = "cost"
    METRIC = "metric"


class AnswerForm(StrEnum):
    """How a prediction is given."""

    CHOOSE = "choose"
    JSON = "json"
    NUMBER = "number"
    STATE = "state"


_CHOOSE: Final = (AnswerForm.CHOOSE,)
_TYPED: Final = (AnswerForm.CHOOSE, AnswerForm.JSON)
_COUNTED: Final = (AnswerForm.NUMBER, AnswerForm.CHOOSE)
ANSWER_FORMS: Final[Mapping[PredictKind, tuple[AnswerForm, ...]]] = {
    PredictKind.OUTPUT: _TYPED,
    PredictKind.INPUT: _TYPED,
    PredictKind.NEXT: (AnswerForm.STATE, AnswerForm.CHOOSE),
    PredictKind.RULE: _CHOOSE,
    PredictKind.CATCHER: _CHOOSE,
    PredictKind.DELAY: _COUNTED,
    PredictKind.ATTEMPTS: _COUNTED,
    PredictKind.STATUS: _CHOOSE,
    PredictKind.ERROR: _CHOOSE,
    PredictKind.VARIABLE: _TYPED,
    PredictKind.VISITS: _COUNTED,
    PredictKind.COUNT: _COUNTED,
    PredictKind.VALUE: (*_TYPED, AnswerForm.NUMBER),
    PredictKind.COST: _CHOOSE,
    PredictKind.METRIC: _COUNTED,
}
"""The forms in which each kind can be answered; the first is that of a step that does not say."""


class TaskKind(StrEnum):
    """What a do step asks for: an intervention, a movement, a breakpoint, a fork, or a look at a stage."""

    INJECT = "inject"
    FORCE = "force"
    EDIT_INPUT = "edit-input"
    ANSWER = "answer"
    STEP_OVER = "step-over"
    STEP_INTO = "step-into"
    STEP_BACK = "step-back"
    BACK_OVER = "back-over"
    RUN = "run"
    RUN_TO = "run-to"
    BREAKPOINT = "breakpoint"
    FORK = "fork"
    LOOK = "look"


class GoalPart(StrEnum):
    """What of a run has to be as in the goal's run."""

    STATUS = "status"
    OUTPUT = "output"
    STATES = "states"
    ERROR = "error"


DEFAULT_GOAL: Final = (GoalPart.STATUS, GoalPart.OUTPUT, GoalPart.STATES)


class LessonPlace(Struct, frozen=True):
    """A place of a run: right before a state is entered, or before a stage of it comes about.

    `visit` counts the visits of that state, `occurrence` the stages of that name in the visit, both from 1. The state
    is "" at the start and at the end of the execution.
    """

    state: str
    stage: StageName | None = None
    visit: int = 1
    occurrence: int = 1
    is_end: bool = False

    def __str__(self) -> str:
        """As it is written in a lesson, with the visit behind it where that is not the first."""
        if not self.state:
            return END if self.is_end else START
        stage = f"/{self.stage}" if self.stage is not None else ""
        occurrence = f"#{self.occurrence}" if self.occurrence > 1 else ""
        visit = f" (visit {self.visit})" if self.visit > 1 else ""
        return f"{self.state}{stage}{occurrence}{visit}"


class LessonSetup(Struct, frozen=True):
    """What a run of a lesson starts with: a definition, its input, what answers its Tasks; or a recorded execution.

    `nested` are the definitions of the state machines that Tasks start, by name; `s3` is a folder with the objects of
    buckets.
    """

    definition: Path
    input: Path | None = None
    mocks: Path | None = None
    case: str = ""
    execution_type: ExecutionType = ExecutionType.STANDARD
    recording: Path | None = None
    nested: Mapping[str, Path] = field(default_factory=dict)
    s3: Path | None = None


class LessonStep(Struct, frozen=True):
    """What all steps have: the text, the lit pane, where the run stands for it, and its place in the file.

    `lines` are those of its keys. `at` is None where the run stays as the last step left it; `setup` is what it begins
    anew with, None where it goes on.
    """

    say: str
    line: int
    look: LitPane = LitPane.ALL
    at: LessonPlace | None = None
    setup: LessonSetup | None = None
    hints: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, *keys: str) -> int:
        """The line of the first of these keys that it has; where it has none, its own."""
        return next((self.lines[key] for key in keys if key in self.lines), self.line)


class SayStep(LessonStep, frozen=True):
    """A step that is read."""


class WrongChoice(Struct, frozen=True):
    """A wrong answer that the author of a lesson has written, and the sentence that mends it."""

    value: Json
    because: str


class Asked(Struct, frozen=True):
    """What is asked at the place where a debugger stands; what each kind reads is in docs/lessons.md.

    `stage` is the stage that is asked about, None for the whole state. `state` is another state than the one at hand,
    "" for that one. `mistakes` is None where all that apply are offered; `wrong` are wrong choices that somebody has
    written.
    """

    kind: PredictKind
    form: AnswerForm = AnswerForm.CHOOSE
    stage: StageName | None = None
    state: str = ""
    of: str = ""
    name: str = ""
    when: str = ""
    retry: int = 1
    expression: str = ""
    runs: int = 1
    types: tuple[ExecutionType, ...] = ()
    mistakes: tuple[str, ...] | None = None
    wrong: tuple[WrongChoice, ...] = ()

    @property
    def is_of_execution(self) -> bool:
        """Whether it is about the whole execution."""
        return self.of == "execution"


class PredictStep(LessonStep, frozen=True, kw_only=True):
    """A step that asks what comes next. The answer is computed."""

    asked: Asked
    reveal: str = ""


class DoStep(LessonStep, frozen=True, kw_only=True):
    """A step that asks for a deed. `rule` counts from 1, and is None for Default; `output` is what a Task is answered
    with, or the input that a state gets, MISSING for any.
    """

    task: TaskKind
    state: str = ""
    stage: StageName | None = None
    error: str = ""
    rule: int | None = None
    output: Value = MISSING
    reveal: str = ""


class MendStep(LessonStep, frozen=True, kw_only=True):
    """A step that asks for another definition: one whose runs are those of the goal.

    `cases` are run one by one: each test case with each input. The run of the lesson is left alone: it goes on behind
    this step.
    """

    broken: Path
    goal: Path
    compare: tuple[GoalPart, ...] = DEFAULT_GOAL
    cases: tuple[LessonSetup, ...] = ()
    reveal: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """What tells each of `cases` from the others: its test case, its input, or both; "" for the only one."""
        cases = [one.case for one in self.cases]
        inputs = [one.input.name if one.input is not None else "" for one in self.cases]
        telling = [names for names in (cases, inputs) if len(set(names)) > 1]
        return tuple(" with ".join(filter(None, (names[at] for names in telling))) for at in range(len(self.cases)))


Step: TypeAlias = "SayStep | PredictStep | DoStep | MendStep"


class Lesson(Struct, frozen=True):
    """A folder with lesson.toml. `cures` is the mistake that it mends, `needs` the lessons that come before it."""

    name: str
    file: Path
    title: str
    cures: str
    minutes: int
    needs: tuple[str, ...]
    setup: LessonSetup
    steps: tuple[Step, ...]

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.file.parent


class Chapter(Struct, frozen=True):
    """Lessons in their order, and the one that shows that all of them are known."""

    title: str
    lessons: tuple[Lesson, ...]
    fast_track: Lesson | None = None


class Course(Struct, frozen=True):
    """A folder with course.toml, or one lesson, which is a course of one."""

    title: str
    file: Path
    chapters: tuple[Chapter, ...]

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.file.parent

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """All lessons in their order, without those of the fast tracks; they are numbered from 1."""
        return tuple(lesson for chapter in self.chapters for lesson in chapter.lessons)

    def all_lessons(self) -> Iterator[Lesson]:
        """The lessons chapter by chapter, each with that of its fast track behind it."""
        for chapter in self.chapters:
            yield from chapter.lessons
            if chapter.fast_track is not None:
                yield chapter.fast_track

    def find(self, wanted: str) -> Lesson:
        """A lesson by its name, the beginning of it, or its number.

        Raises UsageError when there is none, or more than one begins so.
        """
        lessons = self.lessons
        if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 and 0 < int(wanted) <= len(lessons):
            return lessons[int(wanted) - 1]
        every = {lesson.name: lesson for lesson in self.all_lessons()}
        begun = [name for name in every if name.startswith(wanted.casefold())] if wanted else []
        if wanted in every:
            return every[wanted]
        if len(begun) == 1:
            return every[begun[0]]
        if begun:
            raise UsageError(f"several lessons begin with '{wanted}'", fix=f"There are: {', '.join(begun)}.")
        from difflib import get_close_matches

        match = get_close_matches(wanted.casefold(), every, n=1)
        few = f"There are: {', '.join(every)}." if len(every) <= _MOST_NAMED else "sfdebug learn --list shows them."
        fix = f"Did you mean '{match[0]}'?" if match else few
        raise UsageError(f"there is no lesson '{wanted}'", fix=fix)
