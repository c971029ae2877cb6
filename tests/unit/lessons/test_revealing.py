"""A run goes on from a prediction to where its answer is seen, and a lesson to any of its steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.timeline.position import position_at
from sfdebug.lessons.reading import read_lesson
from sfdebug.lessons.stage import LessonRun
from tests.lesson_files import HEAD, write_lesson

BUSY = f'{HEAD}mocks = "mocks.json"\ncase = "Busy"\n[[steps]]\nsay = "A."\n'


@pytest.mark.parametrize(
    ("at", "asked", "state", "revealed", "last"),
    [
        ("Charge/ResultPath", '"output"', "Charge", 8, "ResultPath"),
        ("Charge/Task", '"output"', "Charge", 3, "Task"),
        ("Charge", '"output"', "Paid?", 0, ""),
        ("start", '"output"', "Ship", 4, "Output"),
        ("end", '"status"', "Ship", 4, "Output"),
        ("start", '"input"; state = "Ship"', "Ship", 0, ""),
        ("Ship", '"input"', "Ship", 1, "Input"),
        ("Charge", '"next"', "Paid?", 0, ""),
        ("Paid?", '"rule"', "Paid?", 3, "Rule"),
        ("Charge", '"delay"', "Charge", 4, "Retry"),
        ("Charge", '"delay"; retry = 2', "Charge", 6, "Retry"),
        ("Charge/Retry#2", '"delay"; retry = 2', "Charge", 6, "Retry"),
        ("Charge", '"attempts"', "Paid?", 0, ""),
        ("start", '"attempts"; state = "Charge"', "Paid?", 0, ""),
        ("Charge", '"error"', "Charge", 3, "Task"),
        ("Paid?", '"status"', "Ship", 0, ""),
        ("Charge", '"variable"; name = "x"; when = "inside"', "Charge", 1, "Input"),
        ("Charge", '"variable"; name = "x"', "Paid?", 0, ""),
        ("start", '"visits"; state = "Charge"', "Ship", 4, "Output"),
        ("Paid?", '"value"; expression = "1"', "Paid?", 0, ""),
    ],
)
def test_where_an_answer_is_seen(tmp_path: Path, at: str, asked: str, state: str, revealed: int, last: str) -> None:
    lines = asked.replace("; ", "\n")
    lesson = read_lesson(write_lesson(tmp_path, f'{BUSY}at = "{at}"\npredict = {lines}\n'))
    run = LessonRun(lesson)
    run.enter(lesson.steps[0])
    run.leave(lesson.steps[0])
    position = position_at(run.debugger.cursor)
    shown = str(position.stage.name) if position.stage else ""
    assert (position.name, position.revealed, shown) == (state, revealed, last)


def test_a_catcher_that_takes_the_fault(tmp_path: Path) -> None:
    steps = (
        'do = "inject"\nstate = "Charge"\nerror = "Refused"\n[[steps]]\nsay = "B."\nat = "Charge"\npredict = "catcher"'
    )
    lesson = read_lesson(write_lesson(tmp_path, f"{BUSY}{steps}\n"))
    run = LessonRun(lesson)
    for step in lesson.steps:
        run.enter(step)
        run.leave(step)
    position = position_at(run.debugger.cursor)
    assert position.stage is not None
    assert (position.stage.name, position.stage.index) == ("Catch", 1)


def test_a_lesson_can_be_gone_on_with_at_any_step(tmp_path: Path) -> None:
    text = f"""{BUSY}at = "end"

[[steps]]
say = "B."
at = "Paid?"
do = "force"
rule = "Default"

[[steps]]
say = "C."
do = "run"

[[steps]]
say = "D."
case = "Paid"

[[steps]]
say = "E."
do = "step-over"

[[steps]]
say = "F."
"""
    lesson = read_lesson(write_lesson(tmp_path, text))
    run = LessonRun(lesson)
    run.stand_at(3)
    assert (run.setup.case, position_at(run.debugger.cursor).name) == ("Paid", "Charge")
    run.stand_at(2)
    assert (run.setup.case, position_at(run.debugger.cursor).name) == ("Busy", "Paid?")
    run.leave(lesson.steps[2])
    assert run.debugger.execution.fault is not None
    assert run.debugger.execution.fault.error == "NotPaid"
    run.stand_at(5)
    assert position_at(run.debugger.cursor).name == "Paid?"
    run.stand_at(0)
    assert position_at(run.debugger.cursor).is_over
    with pytest.raises(IndexError):
        run.stand_at(6)


STRAYED = f"""{BUSY}at = "Paid?"
do = "force"
rule = "Default"

[[steps]]
say = "B."

[[steps]]
say = "C."
at = "Paid?"
predict = "next"
"""


def went_on(folder: Path, decide: Callable[[Debugger], object]) -> LessonRun:
    """A run at the last step, in which somebody has decided something in place of the first, or besides."""
    lesson = read_lesson(write_lesson(folder, STRAYED))
    run = LessonRun(lesson)
    run.enter(lesson.steps[0])
    decide(run.debugger)
    run.enter(lesson.steps[1])
    run.enter(lesson.steps[2])
    return run


@pytest.mark.parametrize(
    ("decide", "is_new"),
    [
        (lambda debugger: debugger.force_choice(None), False),
        (lambda debugger: None, True),
        (lambda debugger: debugger.force_choice(0), True),
        (lambda debugger: (debugger.force_choice(None), debugger.edit_input({"total": 0})), True),
        (lambda debugger: (debugger.force_choice(0), debugger.leave_fork(), debugger.force_choice(None)), False),
    ],
)
def test_what_a_learner_decides_besides_or_skips_is_no_part_of_a_lesson(
    tmp_path: Path, decide: Callable[[Debugger], object], is_new: bool
) -> None:
    seen: list[Debugger] = []

    def looked_at(debugger: Debugger) -> None:
        seen.append(debugger)
        decide(debugger)

    run = went_on(tmp_path, looked_at)
    assert (run.debugger is not seen[0]) is is_new
    assert position_at(run.debugger.cursor).name == "Paid?"
    run.debugger.step_over()
    assert position_at(run.debugger.cursor).name == "Tell", "the Default, as the lesson has it"


def test_breakpoints_stay_where_a_run_begins_again(tmp_path: Path) -> None:
    run = went_on(tmp_path, lambda debugger: debugger.breakpoints.toggle(("Ship",)))
    assert run.debugger.breakpoints.states == {("Ship",)}
