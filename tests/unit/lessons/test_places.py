"""The run of a lesson comes to the places that its steps name, or says why it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.samples import case_inputs, find_sample
from sfdebug.debugger import Debugger
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.debugger.timeline.position import position_at
from sfdebug.lessons.model import LessonPlace
from sfdebug.lessons.places import PlaceError, go_to
from sfdebug.lessons.reading import place_from, read_lesson, shipped_course
from sfdebug.lessons.setups import read_json
from sfdebug.lessons.stage import LessonRun
from sfdebug.tasks.mock_config import MockConfig
from tests.lesson_files import HEAD, write_lesson
from tests.performance.counting import calls_of

STEPS = """\
mocks = "mocks.json"
case = "Busy"

[[steps]]
say = "A."
at = "Charge/Retry#2"

[[steps]]
say = "B."
case = "Paid"

[[steps]]
say = "C."
at = "end"
"""


def stands(debugger: Debugger) -> tuple[str, int, str]:
    """The state, how many of its stages are revealed, and the last of them."""
    position = position_at(debugger.cursor)
    return position.name, position.revealed, str(position.stage.name) if position.stage else ""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LessonRun:
    return LessonRun(read_lesson(write_lesson(tmp_path_factory.mktemp("lesson"), HEAD + STEPS)))


@pytest.mark.parametrize(
    ("place", "state", "revealed", "last"),
    [
        ("start", "Charge", 0, ""),
        ("Charge", "Charge", 0, ""),
        ("Charge/Input", "Charge", 0, ""),
        ("Charge/InputPath", "Charge", 1, "Input"),
        ("Charge/Task", "Charge", 2, "Parameters"),
        ("Charge/Retry", "Charge", 3, "Task"),
        ("Charge/Task#2", "Charge", 4, "Retry"),
        ("Charge/Retry#2", "Charge", 5, "Task"),
        ("Charge/ResultSelector", "Charge", 7, "Task"),
        ("Charge/Output", "Charge", 8, "ResultPath"),
        ("Paid?/Rule#2", "Paid?", 2, "Rule"),
        ("Ship", "Ship", 0, ""),
        ("end", "Ship", 4, "Output"),
    ],
)
def test_it_stands_right_before_the_place(run: LessonRun, place: str, state: str, revealed: int, last: str) -> None:
    run.go_to(place_from(place))
    assert stands(run.debugger) == (state, revealed, last)


@pytest.mark.parametrize(
    ("place", "what", "fix"),
    [
        (LessonPlace("Chrage"), "there is no state 'Chrage'", "Did you mean 'Charge'?"),
        (place_from("Charge/Rety"), "there is no stage 'Rety'", "Did you mean 'Charge/Retry'?"),
        (LessonPlace("Hold"), "the run does not come to Hold: 'Hold' is never entered", "Name another place."),
        (LessonPlace("Ship", visit=2), "the run does not come to Ship (visit 2): 'Ship' is en", ""),
        (place_from("Ship/Retry"), "the run does not come to Ship/Retry", "The stages of that visit: Input"),
    ],
)  # fmt: skip
def test_a_place_that_is_not_reached(run: LessonRun, place: LessonPlace, what: str, fix: str) -> None:
    with pytest.raises(PlaceError) as error:
        run.go_to(place)
    assert error.value.what.startswith(what)
    assert error.value.fix.startswith(fix)


def test_the_end_of_a_recording_is_behind_its_redrive() -> None:
    lesson = shipped_course().find("reading-a-failed-run")
    (step,) = (step for step in lesson.steps if step.setup is not None)
    run = LessonRun(lesson)
    run.enter(step)
    run.go_to(place_from("end"))
    assert (run.debugger.execution.status, run.debugger.execution.redrive_count) == ("SUCCEEDED", 1)
    run.enter(step)
    run.leave(step)  # what is asked is seen at that end
    assert run.debugger.execution.status == "SUCCEEDED"


def test_a_state_that_is_called_like_a_stage() -> None:
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A/Task"}, "A/Task": {"Type": "Succeed"}}}
    debugger = Debugger(machine)
    go_to(debugger, place_from("A/Task"))
    assert stands(debugger) == ("A/Task", 0, "")


def test_a_task_that_nobody_answers() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    debugger = Debugger({"StartAt": "A", "States": {"A": task}})
    with pytest.raises(PlaceError, match="the run does not come to end: the Task 'A' waits for an answer"):
        go_to(debugger, place_from("end"))


def test_a_machine_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.lessons.places.MOST_STAGES", 300)
    rule = {"Variable": "$.x", "IsPresent": True, "Next": "B"}
    turn: dict[str, Any] = {"A": {"Type": "Choice", "Choices": [rule], "Default": "A"}, "B": {"Type": "Succeed"}}
    with pytest.raises(PlaceError, match="goes through 300 stages"):
        go_to(Debugger({"StartAt": "A", "States": turn}), place_from("end"))


@pytest.mark.parametrize("place", ["B", "B/Output"])
def test_each_step_of_a_run_is_looked_at_once(place: str) -> None:
    def gone(turns: int) -> Callable[[], object]:
        states = {
            "A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "C"}], "Default": "B"},
            "B": {"Type": "Pass", "Next": "A"},
            "C": {"Type": "Succeed"},
        }
        debugger = Debugger({"StartAt": "A", "States": states}, {})
        return lambda: go_to(debugger, place_from(place, turns))

    few, many = gone(30), gone(120)
    assert calls_of(many) < 5 * calls_of(few)


def test_visits_are_those_of_the_state_in_their_order() -> None:
    each = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}
    debugger = Debugger(
        {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": each, "End": True}}}, [7, 8, 9]
    )
    go_to(debugger, place_from("X/Output", 3))
    position = position_at(debugger.cursor)
    assert (position.focus, position.visit and position.visit.input) == ((("M", 2),), 9)
    go_to(debugger, place_from("X", 2))
    assert position_at(debugger.cursor).focus == (("M", 1),)


@pytest.mark.parametrize(("name", "case"), [("retry-ladder", "MixedTroubles"), ("map-orders", "OnePoisoned")])
def test_every_stage_of_a_run_has_a_place(name: str, case: str) -> None:
    """Where one stood before the stage came about, one stands when one goes to its place."""
    sample = find_sample(name)
    tasks = MockConfig.load(sample.mocks).handler(None, case)
    debugger = Debugger(sample.definition, read_json(case_inputs(sample)[case]), tasks=tasks)
    visits: dict[str, list[int]] = {}
    found: dict[LessonPlace, Cursor] = {}
    while not position_at(debugger.cursor).is_over:
        before = debugger.cursor
        debugger.step_into()
        position = position_at(debugger.cursor)
        if position.visit is None or position.stage is None:
            continue
        numbers = visits.setdefault(position.visit.state.name, [])
        if position.visit.number not in numbers:
            numbers.append(position.visit.number)
        stages = [stage.name for stage in position.visit.stages[: position.revealed]]
        visit, occurrence = numbers.index(position.visit.number) + 1, stages.count(stages[-1])
        found.setdefault(LessonPlace(position.visit.state.name, stages[-1], visit, occurrence), before)
    assert len(found) > 20
    for place, cursor in found.items():
        go_to(debugger, place)
        assert debugger.cursor == cursor, place


def test_a_step_can_begin_anew(tmp_path: Path) -> None:
    lesson = read_lesson(write_lesson(tmp_path, HEAD + STEPS))
    run = LessonRun(lesson)
    first = run.debugger
    run.enter(lesson.steps[0])
    assert (run.debugger is first, stands(run.debugger)) == (True, ("Charge", 5, "Task"))
    run.enter(lesson.steps[1])
    assert (run.debugger is first, stands(run.debugger)) == (False, ("Charge", 0, ""))
    run.enter(lesson.steps[2])
    assert run.debugger.execution.output == {"total": 20, "payment": {"receipt": "R-1"}, "state": "shipped"}
