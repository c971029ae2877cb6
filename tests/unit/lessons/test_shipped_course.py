"""The shipped course as a whole: what its lessons meet when all their definitions are run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict, StageName
from sfdebug.errors import DefinitionError
from sfdebug.lessons.mending import MendGoal
from sfdebug.lessons.model import (
    AnswerForm,
    DoStep,
    LessonPlace,
    LessonSetup,
    MendStep,
    PredictKind,
    PredictStep,
    SayStep,
    TaskKind,
)
from sfdebug.lessons.places import go_to
from sfdebug.lessons.reading import shipped_course
from sfdebug.lessons.setups import begin
from sfdebug.lessons.stage import LessonRun

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.lessons.model import Lesson

ERROR_HANDLING = {
    "Retry helps", "Retry is used up", "MaxDelaySeconds", "JitterStrategy", "a Retrier for States.ALL",
    "a Catcher for States.ALL", "a Catcher for States.TaskFailed", "a Catcher for States.Timeout",
    "a Catcher for States.HeartbeatTimeout", "a Catcher with ResultPath", "a Catcher without ResultPath",
    "TimeoutSeconds of a state", "TimeoutSeconds of the machine", "HeartbeatSeconds", "the limit of Express",
    "Fail with Error", "Fail with Cause", "Fail with ErrorPath", "Fail with CausePath", "a failure in a Map",
    "a failure in a Parallel", "a tolerated failure", "a redrive", "States.TaskFailed", "States.Runtime",
    "States.QueryEvaluationError", "States.ItemReaderFailed", "States.ExceedToleratedFailureThreshold",
}  # fmt: skip
"""What a course on Step Functions has to let people meet of errors."""


def _setups(lesson: Lesson) -> Iterator[LessonSetup]:
    yield lesson.setup
    for step in lesson.steps:
        if step.setup is not None:
            yield step.setup
        if isinstance(step, MendStep):
            yield from (replace(case, definition=one) for case in step.cases for one in (step.broken, step.goal))


@cache
def _runs() -> tuple[Execution, ...]:
    """Every run of the course, as far as it goes by itself: what is to be mended too, where it can begin."""
    setups: list[LessonSetup] = []
    injected: list[Execution] = []
    for lesson in shipped_course().all_lessons():
        setups += [one for one in _setups(lesson) if one not in setups]
        injected += _injected(lesson)
    return (*(run for setup in setups if (run := _run(setup)) is not None), *injected)


def _run(setup: LessonSetup) -> Execution | None:
    try:
        debugger = begin(setup)
    except DefinitionError:
        return None
    if setup.recording is None:
        debugger.run()
    else:
        go_to(debugger, LessonPlace("", is_end=True))
    return debugger.execution


def _injected(lesson: Lesson) -> Iterator[Execution]:
    """What comes of the failures that learners inject."""
    for index, step in enumerate(lesson.steps):
        if isinstance(step, DoStep) and step.task is TaskKind.INJECT:
            run = LessonRun(lesson)
            run.stand_at(index)
            run.leave(step)
            run.debugger.run()
            yield run.debugger.execution


def test_every_type_of_state_is_met() -> None:
    assert {visit.state.type for run in _runs() for visit in run.visits} == set(StateType)


def test_every_stage_is_met() -> None:
    assert {stage.name for run in _runs() for visit in run.visits for stage in visit.stages} == set(StageName)


def test_every_way_in_which_errors_are_handled_is_met() -> None:
    met = {what for run in _runs() for what in _of_run(run)}
    assert ERROR_HANDLING - met == set()


def _of_run(run: Execution) -> Iterator[str]:
    if run.status is ExecutionStatus.TIMED_OUT:
        yield "the limit of Express" if run.machine.timeout_seconds is None else "TimeoutSeconds of the machine"
    has_failed = any(child.status is ExecutionStatus.FAILED for child in run.ended_children)
    if run.status is ExecutionStatus.SUCCEEDED and has_failed:
        yield "a tolerated failure"
    for visit in run.visits:
        yield from _of_visit(visit)


def _of_visit(visit: Visit) -> Iterator[str]:
    state = visit.state
    if state.type is StateType.FAIL:
        yield from (f"Fail with {field}" for field in state.fields)
    for retrier in state.retriers:
        yield "MaxDelaySeconds" if retrier.max_delay_seconds is not None else ""
        yield "JitterStrategy" if retrier.jitter_strategy == "FULL" else ""
    for stage in visit.stages:
        verdict, fault = stage.detail, stage.fault
        if isinstance(verdict, CatchVerdict) and verdict.matched:
            yield from (f"a Catcher for {name}" for name in verdict.error_equals)
            has_path = "ResultPath" in state.catchers[verdict.index].fields
            yield f"a Catcher with{'' if has_path else 'out'} ResultPath"
        if isinstance(verdict, RetryVerdict) and verdict.matched:
            yield "Retry is used up" if verdict.delay_seconds is None else "Retry helps"
            yield from (f"a Retrier for {name}" for name in verdict.error_equals)
        if fault is not None:
            yield from (fault.error or "", f"a failure in a {state.type}")
            if fault.error == "States.Timeout":
                yield "HeartbeatSeconds" if fault.aliases else "TimeoutSeconds of a state"
        if stage.name is StageName.REDRIVE:
            yield "a redrive"


def test_every_kind_of_question_is_asked_in_every_form() -> None:
    every = [step for lesson in shipped_course().all_lessons() for step in lesson.steps]
    asked = [step for step in every if isinstance(step, PredictStep)]
    assert {step.asked.kind for step in asked} == set(PredictKind)
    assert {step.asked.form for step in asked} == set(AnswerForm)


def test_a_place_that_a_learner_may_name_is_not_compared() -> None:
    """What a repair puts somewhere may stand under any name, unless the step says which."""
    for lesson in shipped_course().all_lessons():
        for step in (step for step in lesson.steps if isinstance(step, MendStep)):
            goal, text = MendGoal(step), step.goal.read_text(encoding="utf-8")
            places = set(re.findall(r'"ResultPath": "(\$\.\w+)"', text))
            new = (one for one in places if text.count(one) > goal.broken.count(one) and one not in step.say)
            for place in new:
                renamed = re.sub(rf"{re.escape(place)}\b", f"{place}Else", text)
                told = [one.sentence for one in goal.compare(renamed).differences]
                assert not told, f"{lesson.name}: {place}"


def test_lessons_are_short_and_ask_more_than_they_say() -> None:
    course = shipped_course()
    assert len(course.lessons) >= 20
    assert all(chapter.fast_track is not None for chapter in course.chapters)
    for lesson in course.lessons:
        kinds = Counter(type(step) for step in lesson.steps)
        assert 6 <= len(lesson.steps) <= 12, lesson.name
        assert 3 <= lesson.minutes <= 6, lesson.name
        assert kinds[PredictStep] >= 2, lesson.name
        assert kinds[SayStep] <= len(lesson.steps) / 2, lesson.name
