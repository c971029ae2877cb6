"""Reads a course: course.toml, and the lesson.toml of each of its lessons. All that is wrong is told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from sfdebug.engine.execution.visit import StageName
from sfdebug.errors import Problem, UsageError
from sfdebug.files import is_file, is_there, samples_folder
from sfdebug.lessons.model import (
    ANSWER_FORMS,
    COURSE,
    DEFAULT_GOAL,
    END,
    LESSON,
    START,
    Asked,
    Chapter,
    Course,
    DoStep,
    GoalPart,
    Lesson,
    LessonError,
    LessonPlace,
    LessonSetup,
    LitPane,
    MendStep,
    PredictKind,
    PredictStep,
    SayStep,
    Step,
    TaskKind,
    WrongChoice,
)
from sfdebug.lessons.tables import CourseTable, read_table
from sfdebug.limits import ExecutionType
from sfdebug.values import MISSING, is_present

MOST_STEPS: Final = 60
"""A lesson has six to twelve steps: with five times as many, nobody would come to its end."""

_SETUP_KEYS: Final = ("definition", "input", "mocks", "case", "execution_type", "recording", "nested", "s3")
_LESSON_KEYS: Final = ("title", "cures", "minutes", "needs", *_SETUP_KEYS, "steps")
_STEP_KEYS: Final = ("say", "look", "at", "visit", "hints", "fresh", *_SETUP_KEYS)
_ASKED_KEYS: Final = (
    "predict", "answer", "mistakes", "wrong", "reveal", "state", "of", "name", "when", "retry", "expression", "runs",
    "types",
)  # fmt: skip
_DO_KEYS: Final = ("do", "state", "stage", "error", "rule", "output", "reveal")
_MEND_KEYS: Final = ("mend", "goal", "compare", "cases", "inputs", "reveal")
_KINDS: Final = ("predict", "do", "mend")

_NEEDED: Final = {
    PredictKind.VARIABLE: "name",
    PredictKind.VISITS: "state",
    PredictKind.COUNT: "of",
    PredictKind.VALUE: "expression",
    PredictKind.METRIC: "name",
    TaskKind.INJECT: "error",
    TaskKind.FORCE: "rule",
    TaskKind.RUN_TO: "state",
    TaskKind.BREAKPOINT: "state",
    TaskKind.LOOK: "stage",
}
"""What a predict or a do step cannot do without; it may have more."""

_EXECUTION: Final = ("execution",)
_OF: Final[Mapping[PredictKind, tuple[str, ...]]] = {
    PredictKind.OUTPUT: _EXECUTION,
    PredictKind.STATUS: _EXECUTION,
    PredictKind.ERROR: _EXECUTION,
    PredictKind.COUNT: ("transitions", "events", "iterations", "executions"),
}
"""What `of` can say, of the kinds that read it."""

_READ_BY: Final[Mapping[str, tuple[PredictKind | TaskKind, ...]]] = {
    "of": tuple(_OF),
    "name": (PredictKind.VARIABLE, PredictKind.METRIC),
    "when": (PredictKind.VARIABLE,),
    "retry": (PredictKind.DELAY,),
    "expression": (PredictKind.VALUE,),
    "runs": (PredictKind.COST,),
    "types": (PredictKind.COST,),
    "stage": (TaskKind.LOOK, TaskKind.STEP_INTO),
    "error": (TaskKind.INJECT, TaskKind.ANSWER, TaskKind.FORK),
    "rule": (TaskKind.FORCE, TaskKind.FORK),
    "output": (TaskKind.EDIT_INPUT, TaskKind.ANSWER, TaskKind.FORK),
}
"""Which kinds of steps read a key; the others would pass over it."""

_STATELESS: Final = (
    PredictKind.COST, PredictKind.METRIC, PredictKind.VALUE, TaskKind.STEP_OVER, TaskKind.STEP_BACK, TaskKind.BACK_OVER,
)  # fmt: skip
"""The kinds that are about where the run stands, or all of it."""

_STAGE: Final = re.compile(r"(?P<state>.+)/(?P<stage>[A-Za-z]+)(?:#(?P<occurrence>[1-9][0-9]{0,5}))?", re.DOTALL)


def shipped_course() -> Course:
    """The course that comes with the program."""
    return read_course(samples_folder() / "course")


def read_course(folder: Path) -> Course:
    """The course in a folder with course.toml; of one with lesson.toml, a course of that lesson.

    Raises LessonError with all that is wrong in its files, and UsageError for a folder that has neither.
    """
    file = folder / COURSE
    if is_file(file):
        return _course(read_table(file))
    if is_file(folder / LESSON):
        lesson = read_lesson(folder)
        return Course(lesson.title, lesson.file, (Chapter(lesson.title, (lesson,)),))
    what = "there is no course here" if is_there(folder) else "there is no such folder"
    raise UsageError(what, where=str(folder), fix=f"A course is a folder with {COURSE}, a lesson one with {LESSON}.")


def read_lesson(folder: Path) -> Lesson:
    """The lesson in a folder. Raises LessonError with all that is wrong in its file."""
    table = read_table(folder / LESSON)
    table.check_keys(_LESSON_KEYS)
    setup = _setup(table)
    if setup is None:
        fix = 'Add lesson.asl.json, or name one: definition = "order.asl.json"'
        table.wrong("definition", "there is no definition", fix)
        setup = LessonSetup(folder)
    written = table.tables("steps")
    if len(written) > MOST_STEPS:
        what = f"a lesson has up to {MOST_STEPS} steps, and not {len(written):,}"
        written[MOST_STEPS].wrong("", what, "Make several lessons of it.")
    steps = tuple(_step(one, setup) for one in written[:MOST_STEPS])
    if not steps:
        table.wrong("steps", "a lesson has steps", 'Write [[steps]], and below it say = "…".')
    lesson = Lesson(
        name=folder.resolve().name,
        file=table.file,
        title=table.line_of_text("title"),
        cures=table.text("cures"),
        minutes=table.count("minutes", 4, 60),
        needs=table.texts("needs") or (),
        setup=setup,
        steps=steps,
    )
    if table.problems:
        raise LessonError(sorted(table.problems, key=lambda problem: (problem.line, problem.column)))
    return lesson


def _course(table: CourseTable) -> Course:
    table.check_keys(("title", "chapters"))
    title = table.line_of_text("title")
    problems: list[Problem] = []
    read: dict[str, Lesson | None] = {}
    chapters = [_chapter(one, read, problems) for one in table.tables("chapters")]
    if not chapters:
        table.wrong("chapters", "a course has chapters", 'Write [[chapters]], and below it title and lessons = ["…"].')
    problems[:0] = table.problems
    if problems:
        raise LessonError(problems)
    return Course(title, table.file, tuple(chapters))


def _chapter(table: CourseTable, read: dict[str, Lesson | None], problems: list[Problem]) -> Chapter:
    table.check_keys(("title", "lessons", "fast_track"))
    title = table.line_of_text("title")
    names = table.texts("lessons") or ()
    if not names and table.json("lessons") in (MISSING, []):
        table.wrong("lessons", "a chapter has lessons", 'Write: lessons = ["name-of-a-folder"]')
    lessons = [_named(table, "lessons", name, read, problems) for name in names]
    fast = table.text("fast_track", "")
    track = _named(table, "fast_track", fast, read, problems) if fast else None
    return Chapter(title, tuple(lesson for lesson in lessons if lesson is not None), track)


def _named(
    table: CourseTable, key: str, name: str, read: dict[str, Lesson | None], problems: list[Problem]
) -> Lesson | None:
    if name in read:
        table.wrong(key, f"the lesson {name} is in the course already", "Name each lesson once.")
        return None
    read[name] = None
    folder = table.file.parent / name
    if not is_file(folder / LESSON) or Path(name).name != name or name == "..":
        beside = [one.name for one in table.file.parent.iterdir() if is_file(one / LESSON)]
        near = get_close_matches(name, sorted(beside), 1)
        fix = f"Did you mean {near[0]}?" if near else f"A lesson is a folder beside this file, with {LESSON} in it."
        table.wrong(key, f"there is no lesson {name}", fix)
        return None
    try:
        read[name] = read_lesson(folder)
    except LessonError as error:
        problems.extend(error.problems)
    return read[name]


def place_from(text: str, visit: int = 1) -> LessonPlace:
    """The place that a lesson writes as `start`, `end`, `State`, `State/Stage` or `State/Stage#2`."""
    if text in (START, END):
        return LessonPlace("", is_end=text == END)
    found = _STAGE.fullmatch(text)
    if found is None or found["stage"] not in tuple(StageName):
        return LessonPlace(text, visit=visit)
    return LessonPlace(found["state"], StageName(found["stage"]), visit, int(found["occurrence"] or 1))


def _setup(table: CourseTable, base: LessonSetup | None = None) -> LessonSetup | None:
    """What a run starts with: as `base` says where a step names nothing else; None without any definition."""
    usual = ("lesson.asl.json", "lesson.asl.yaml") if base is None else ()
    definition = table.path("definition", usual) or (base.definition if base is not None else None)
    setup = base or LessonSetup(definition or table.file)
    setup = replace(
        setup,
        definition=definition or setup.definition,
        input=table.path("input", ("input.json",) if base is None else ()) or setup.input,
        mocks=table.path("mocks") or setup.mocks,
        case=table.text("case", setup.case),
        execution_type=table.word("execution_type", ExecutionType) or setup.execution_type,
        recording=table.path("recording") or setup.recording,
        nested=table.paths("nested") or setup.nested,
        s3=table.folder("s3") or setup.s3,
    )
    if setup.case and setup.mocks is None and "mocks" not in table:
        table.wrong("case", "a test case is in a mock file", 'Name it too: mocks = "mocks.json"')
    return setup if definition is not None or "definition" in table else None


def _step(table: CourseTable, base: LessonSetup) -> Step:
    kinds = [key for key in table.keys if key in _KINDS]
    if len(kinds) > 1:
        table.wrong(kinds[1], f"a step is of one kind: {' or '.join(kinds)}", "Make two steps of it.")
    visit = table.count("visit")
    at = place_from(table.text("at"), visit) if "at" in table else None
    if at is None and visit > 1:
        table.wrong("visit", "visit belongs to at", 'Name the state too: at = "Charge"')
    hints = table.texts("hints") or ()
    common = SayStep(
        say=table.text("say"),
        line=table.line,
        look=table.word("look", LitPane, LitPane.ALL) or LitPane.ALL,
        at=at,
        setup=_setup(table, base) if table.yes("fresh") or any(key in table for key in _SETUP_KEYS) else None,
        hints=hints,
        lines=table.lines,
    )
    if len(hints) > 3:
        table.wrong("hints", "there are one to three hints", "Keep those that help most.")
    if "predict" in table:
        return _predict_step(table, common)
    if "do" in table:
        return _do_step(table, common)
    if "mend" in table:
        return _mend_step(table, common, base)
    table.check_keys((*_STEP_KEYS, *_KINDS))
    return common


def _common(step: SayStep) -> dict[str, object]:
    return {name: getattr(step, name) for name in SayStep.__struct_fields__}


def _predict_step(table: CourseTable, common: SayStep) -> PredictStep:
    table.check_keys((*_STEP_KEYS, *_ASKED_KEYS))
    kind = table.word("predict", PredictKind) or PredictKind.OUTPUT
    forms = ANSWER_FORMS[kind]
    _check_read(table, kind)
    at, state = common.at, table.text("state", "")
    # a step at the start or the end of the execution is about the execution, unless it names a state
    usual = "execution" if at is not None and not at.state and not state else ""
    asked = Asked(
        kind,
        table.word("answer", forms, forms[0]) or forms[0],
        at.stage if at is not None and kind is PredictKind.OUTPUT else None,
        mistakes=table.texts("mistakes"),
        wrong=tuple(_wrong_choices(table)),
        state=state,
        of=(table.choice("of", _OF[kind]) if kind in _OF else "") or usual,
        name=table.text("name", ""),
        when=table.choice("when", ("inside", "after")),
        retry=table.count("retry"),
        expression=table.text("expression", ""),
        runs=table.count("runs"),
        types=table.words("types", ExecutionType),
    )
    return PredictStep(**_common(common), asked=asked, reveal=table.text("reveal", ""))  # type: ignore[arg-type]


def _check_read(table: CourseTable, kind: PredictKind | TaskKind) -> None:
    """What a kind needs has to be there, and nothing that it would pass over."""
    for key, kinds in _READ_BY.items():
        if key in table and kind not in kinds:
            table.wrong(key, f"{kind} does not read {key}", f"Leave it out. It is for {', '.join(kinds)}.")
    if "state" in table and kind in _STATELESS:
        table.wrong("state", f"{kind} does not read state", "Leave it out: it is asked where the run stands.")
    needed = _NEEDED.get(kind)
    if needed is not None and needed not in table:
        table.wrong("", f"{kind} needs {needed}", f"Write: {needed} = …")


def _wrong_choices(table: CourseTable) -> list[WrongChoice]:
    found = []
    for one in table.tables("wrong"):
        one.check_keys(("value", "because"))
        value, because = one.json("value"), one.text("because")
        if is_present(value):
            found.append(WrongChoice(value, because))
        else:
            one.wrong("value", "value is missing", 'Write: { value = 3, because = "…" }')
    return found


def _do_step(table: CourseTable, common: SayStep) -> DoStep:
    table.check_keys((*_STEP_KEYS, *_DO_KEYS))
    task = table.word("do", TaskKind) or TaskKind.RUN
    _check_read(table, task)
    rule = table.json("rule")
    if rule == "Default" or not is_present(rule):
        rule = None
    elif not isinstance(rule, int) or isinstance(rule, bool) or rule < 1:
        table.wrong("rule", "rule is the number of a rule from 1, or Default", 'Write: rule = 2, or rule = "Default"')
        rule = None
    return DoStep(
        **_common(common),  # type: ignore[arg-type]
        task=task,
        state=table.text("state", ""),
        stage=table.word("stage", StageName),
        error=table.text("error", ""),
        rule=rule,
        output=table.json("output"),
        reveal=table.text("reveal", ""),
    )


def _mend_step(table: CourseTable, common: SayStep, base: LessonSetup) -> MendStep:
    table.check_keys((*_STEP_KEYS, *_MEND_KEYS))
    broken, goal = table.path("mend"), table.path("goal")
    if "goal" not in table:
        table.wrong("", "mend needs goal", 'Write: goal = "goal.asl.json"')
    setup = replace(common.setup or base, definition=broken or base.definition)
    cases = table.texts("cases")
    for key in ("cases", "inputs", "compare"):
        if key in table and not table.texts(key):
            table.wrong(key, f"{key} names nothing", "Name one at least, or leave it out.")
    if cases and setup.mocks is None and "mocks" not in table:
        table.wrong("cases", "test cases are in a mock file", 'Name it too: mocks = "mocks.json"')
    inputs = table.files("inputs") or (setup.input,)
    return MendStep(
        **_common(replace(common, setup=None)),  # type: ignore[arg-type]
        broken=broken or base.definition,
        goal=goal or base.definition,
        compare=table.words("compare", GoalPart) or DEFAULT_GOAL,
        cases=tuple(replace(setup, input=file, case=case) for file in inputs for case in cases or (setup.case,)),
        reveal=table.text("reveal", ""),
    )
