"""What a do step asks for is not done before it is done, is done by what solves it, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.engine.execution.visit import StageName
from sfdebug.lessons.model import DoStep
from sfdebug.lessons.reading import read_lesson
from sfdebug.lessons.stage import LessonRun
from sfdebug.lessons.tasks import LookedAt, TaskError, has_gone_past, is_done, mark, solve
from tests.lesson_files import HEAD, write_lesson

PAID = f'{HEAD}mocks = "mocks.json"\ncase = "Paid"\n[[steps]]\nsay = "A."\n'


def asked(folder: Path, at: str, task: str) -> tuple[LessonRun, DoStep]:
    """A run that stands at a place where a task is asked for; `;` parts the lines of the task."""
    lines = task.replace("; ", "\n")
    lesson = read_lesson(write_lesson(folder, f'{PAID}at = "{at}"\ndo = {lines}\n'))
    [step] = lesson.steps
    assert isinstance(step, DoStep)
    run = LessonRun(lesson)
    run.enter(step)
    return run, step


@pytest.mark.parametrize(
    ("at", "task", "forks"),
    [
        ("start", '"inject"; state = "Charge"; error = "Busy"', 1),
        ("Charge", '"inject"; error = "Busy"', 1),
        ("end", '"inject"; state = "Charge"; error = "Busy"', 2),
        ("start", '"force"; state = "Paid?"; rule = 1', 1),
        ("Paid?", '"force"; rule = "Default"', 1),
        ("end", '"force"; state = "Paid?"; rule = 2', 2),
        ("start", '"edit-input"; state = "Paid?"; output = { total = 7 }', 1),
        ("Ship", '"edit-input"', 1),
        ("start", '"answer"; state = "Charge"; output = { receipt = 3 }', 1),
        ("Charge/Task", '"answer"; error = "Refused"', 1),
        ("start", '"step-over"', 1),
        ("Charge/ResultPath", '"step-over"', 1),
        ("start", '"step-into"', 1),
        ("start", '"step-into"; state = "Charge"; stage = "Task"', 1),
        ("Charge/ResultPath", '"step-back"', 1),
        ("Charge/ResultPath", '"back-over"', 1),
        ("Paid?", '"run"', 1),
        ("start", '"run-to"; state = "Ship"', 1),
        ("end", '"run-to"; state = "Charge"', 1),
        ("start", '"breakpoint"; state = "Ship"', 1),
        ("start", '"fork"', 2),
        ("end", '"fork"; state = "Charge"; error = "Busy"', 2),
        ("end", '"fork"; state = "Paid?"; rule = 1', 2),
        ("start", '"look"; state = "Charge"; stage = "ResultPath"', 1),
    ],
)
def test_a_task(tmp_path: Path, at: str, task: str, forks: int) -> None:
    run, step = asked(tmp_path, at, task)
    before = mark(run.debugger)
    assert not is_done(run.debugger, step, before)
    solve(run.debugger, step)
    assert is_done(run.debugger, step, before)
    assert not is_done(run.debugger, step, mark(run.debugger)), "only what comes after it was asked counts"
    assert len(run.debugger.timeline.lines) == forks


@pytest.mark.parametrize(
    ("at", "task", "what"),
    [
        ("start", '"inject"; state = "Ship"; error = "Busy"', "inject cannot be done here: Ship is a Pass"),
        ("Charge", '"force"; rule = 1', "force cannot be done here: Charge is a Task, not a Choice"),
        ("Paid?", '"force"; rule = 3', 'force cannot be done here: "Paid?" has 2 rules: there is no rule 3'),
        ("start", '"breakpoint"; state = "Shp"', "there is no state 'Shp'"),
    ],
)
def test_a_task_that_cannot_be_done(tmp_path: Path, at: str, task: str, what: str) -> None:
    run, step = asked(tmp_path, at, task)
    with pytest.raises(TaskError) as error:
        solve(run.debugger, step)
    assert error.value.what.startswith(what)


def test_another_decision_is_not_the_one_that_was_asked_for(tmp_path: Path) -> None:
    run, step = asked(tmp_path, "start", '"inject"; state = "Charge"; error = "Busy"')
    debugger, before = run.debugger, mark(run.debugger)
    debugger.inject_failure(("Charge",), "Refused")
    assert not is_done(debugger, step, before)
    run, step = asked(tmp_path, "Charge/Task", '"answer"; output = { receipt = 3 }')
    debugger, before = run.debugger, mark(run.debugger)
    debugger.step_into()
    debugger.answer_task(TaskFailure("Refused"))
    assert not is_done(debugger, step, before)
    run, step = asked(tmp_path, "Paid?", '"force"; rule = 1')
    debugger, before = run.debugger, mark(run.debugger)
    debugger.force_choice(None)
    assert not is_done(debugger, step, before)
    debugger.force_choice(0)
    assert is_done(debugger, step, before)


def test_whatever_the_way(tmp_path: Path) -> None:
    run, step = asked(tmp_path, "start", '"step-over"')
    debugger, before = run.debugger, mark(run.debugger)
    while position_at(debugger.cursor).name == "Charge":
        assert not is_done(debugger, step, before)
        debugger.step_into()
    assert is_done(debugger, step, before)


def test_over_one_state_is_not_past_it(tmp_path: Path) -> None:
    run, step = asked(tmp_path, "start", '"step-over"')
    debugger, before = run.debugger, mark(run.debugger)
    debugger.run()
    assert (is_done(debugger, step, before), has_gone_past(debugger, step, before)) == (False, True)
    debugger.back_over()
    debugger.back_over()  # to where one step would have led
    assert (is_done(debugger, step, before), has_gone_past(debugger, step, before)) == (True, False)
    run, step = asked(tmp_path, "Ship", '"back-over"')
    debugger, before = run.debugger, mark(run.debugger)
    debugger.restart()
    assert (is_done(debugger, step, before), has_gone_past(debugger, step, before)) == (False, True)
    debugger.step_over()
    assert (is_done(debugger, step, before), has_gone_past(debugger, step, before)) == (True, False)


def test_going_into_a_branch_is_not_going_over(tmp_path: Path) -> None:
    each = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}
    items = {"Type": "Map", "ItemProcessor": each, "End": True}
    lesson = read_lesson(
        write_lesson(
            tmp_path,
            f'{HEAD}[[steps]]\nsay = "A."\ndo = "step-over"\n',
            {"StartAt": "M", "States": {"M": items}},
            [1, 2],
        )
    )
    [step] = lesson.steps
    assert isinstance(step, DoStep)
    debugger = LessonRun(lesson).debugger
    before = mark(debugger)
    while position_at(debugger.cursor).name != "X":
        debugger.step_into()
    assert position_at(debugger.cursor).is_ready
    assert not is_done(debugger, step, before)
    debugger.restart()
    solve(debugger, step)
    assert is_done(debugger, step, before)


def test_a_stage_that_the_screen_shows_was_looked_at(tmp_path: Path) -> None:
    run, step = asked(tmp_path, "end", '"look"; state = "Charge"; stage = "ResultPath"')
    before = mark(run.debugger)
    assert not is_done(run.debugger, step, before, LookedAt("Charge", StageName.TASK))
    assert not is_done(run.debugger, step, before, LookedAt("Ship", StageName.RESULT_PATH))
    assert is_done(run.debugger, step, before, LookedAt("Charge", StageName.RESULT_PATH))


def test_running_ends_where_a_breakpoint_is(tmp_path: Path) -> None:
    run, step = asked(tmp_path, "start", '"run"; state = "Ship"')
    debugger, before = run.debugger, mark(run.debugger)
    debugger.breakpoints.toggle(("Paid?",))
    debugger.run()
    assert not is_done(debugger, step, before)
    debugger.breakpoints.toggle(("Ship",))
    debugger.run()
    assert is_done(debugger, step, before)
    debugger.restart()
    solve(debugger, step)
    assert is_done(debugger, step, before)
