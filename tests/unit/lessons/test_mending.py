"""A learner's definition is held against the goal by what its runs come to, and what differs is told in sentences."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sfdebug.errors import SfdebugError
from sfdebug.lessons.mending import MendGoal
from sfdebug.lessons.model import GoalPart, MendStep
from sfdebug.lessons.reading import read_lesson, shipped_course
from tests.lesson_files import HEAD, ORDER, write_lesson

Change = Callable[[dict[str, Any]], object]
STEP = 'mocks = "mocks.json"\n[[steps]]\nsay = "A."\nmend = "broken.asl.json"\ngoal = "lesson.asl.json"\n'


def goal_in(folder: Path, more: str = 'case = "Paid"', goal: Any = ORDER) -> MendGoal:
    lesson = read_lesson(write_lesson(folder, f"{HEAD}{STEP}{more}\n", goal, broken__asl__json=ORDER))
    [step] = lesson.steps
    assert isinstance(step, MendStep)
    return MendGoal(step)


def changed(change: Change) -> str:
    machine = copy.deepcopy(ORDER)
    change(machine["States"])
    return json.dumps(machine, indent=2)


def test_the_goal_itself_and_another_way_to_it(tmp_path: Path) -> None:
    goal = goal_in(tmp_path)
    assert goal.compare(json.dumps(ORDER)).is_reached
    assert goal.compare(goal.broken).is_reached
    other = changed(lambda states: states["Paid?"].update(Default="Ship", Choices=states["Paid?"]["Choices"][:1]))
    assert goal.compare(other).is_reached


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda states: states["Charge"].pop("ResultPath"),
            [
                ("status", 'The execution ends FAILED with States.Runtime in "Paid?", and that of the goal SUCCEEDED. '
                 "It begins in Charge, with ResultPath.", "Charge"),
                ("states", "Ship is never entered, and in the goal it is.", "Charge"),
            ],
        ),
        (
            lambda states: states["Ship"].update(Result=["sent"], ResultPath="$['sent to']"),
            [
                ("output", '$.state of the output is missing: the goal has "shipped". It begins in Ship, with Result.',
                 "Ship"),
                ("output", '$[\'sent to\'] of the output is ["sent"], and the goal has nothing there.', "Ship"),
            ],
        ),
        (
            lambda states: states["Ship"].update(Result="sent"),
            [("output", '$.state of the output is "sent", and that of the goal "shipped". It begins in Ship, with '
              "Result.", "Ship")],
        ),
        (
            lambda states: states["Charge"].update(Next="Hold"),
            [
                ("states", '"Paid?" is never entered, and in the goal it is. It begins in Charge, with Next.',
                 "Charge"),
                ("states", "Hold is entered, and in the goal it is not.", "Charge"),
            ],
        ),
        (
            lambda states: states["Hold"].update(Type="Task", Resource="arn:aws:states:::lambda:invoke")
            or states["Paid?"].update(Default="Hold", Choices=states["Paid?"]["Choices"][:1]),
            [("None", "The run does not end: the Task Hold asks for a result, and nothing answers it.", "Hold")],
        ),
    ],
)  # fmt: skip
def test_what_differs(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], told: list[tuple[str, str, str]]
) -> None:
    result = goal_in(tmp_path).compare(changed(change))
    assert not result.is_reached
    assert [(str(one.part), one.sentence, one.state) for one in result.differences] == told
    assert all(one.line for one in result.differences)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda states: states["Ship"].update(OutputPath="$.state"), ("Ship", "OutputPath")),
        (lambda states: states["Charge"].update(ResultSelector={"r.$": "$.none"}), ("Charge", "ResultSelector")),
        (lambda states: states["Paid?"].update(Default="Ship", Choices=states["Paid?"]["Choices"][:1]), ("Paid?", "")),
        (lambda states: states["Paid?"]["Choices"].reverse(), ("Paid?", "Choices")),
        (
            lambda states: states["Ship"].clear() or states["Ship"].update(Type="Fail", Error="NotShipped"),
            ("Ship", "Type"),
        ),
    ],
)
def test_where_it_begins(tmp_path: Path, change: Change, where: tuple[str, str]) -> None:
    write_lesson(tmp_path, "", large__json={"total": 1000})
    result = goal_in(tmp_path, 'case = "Paid"\ninput = "large.json"').compare(changed(change))
    found = [(one.state, one.field) for one in result.differences[:1]]
    assert found == ([where] if where[1] else [])


def test_a_field_has_its_place_in_the_text(tmp_path: Path) -> None:
    text = changed(lambda states: states["Ship"].update(Result="sent"))
    [difference] = goal_in(tmp_path).compare(text).differences
    line = text.splitlines()[difference.line - 1]
    assert line[difference.column - 1 :].startswith('"Result"')


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("retry", [("Charge", "Retry")]),
        ("catch", [("Charge", "Catch")]),
        ("map", [("Pack", "Catch")]),
        ("parallel", [("Prepare", "ResultSelector")]),
    ],
)
def test_where_it_begins_inside_of_a_container_and_with_what_handles_an_error(
    name: str, places: list[tuple[str, str]]
) -> None:
    [step] = [step for step in shipped_course().find(name).steps if isinstance(step, MendStep)]
    goal = MendGoal(step)
    assert list(dict.fromkeys((one.state, one.field) for one in goal.compare(goal.broken).differences)) == places


def test_a_machine_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.lessons.mending.MOST_STEPS", 100)
    turns = [{"Variable": "$.total", "IsPresent": True, "Next": "Hold"}]
    text = changed(lambda states: states["Paid?"].update(Choices=turns) or states["Hold"].update(Next="Paid?"))
    [difference] = goal_in(tmp_path).compare(text.replace('"Default": "Tell"', '"Default": "Ship"')).differences
    assert difference.sentence == "The run does not end: it has entered 49 states, and is not over."


def test_a_task_that_is_asked_more_often_than_it_is_answered(tmp_path: Path) -> None:
    turns = [{"Variable": "$.total", "IsPresent": True, "Next": "Charge"}]
    [difference] = goal_in(tmp_path).compare(changed(lambda states: states["Paid?"].update(Choices=turns))).differences
    assert difference.sentence == "The run does not end: the Task Charge asks for a result, and nothing answers it."
    assert (difference.state, difference.line) == ("Charge", 4)


def test_what_cannot_be_read_or_run(tmp_path: Path) -> None:
    goal = goal_in(tmp_path)
    result = goal.compare(changed(lambda states: states["Hold"].update(Next="Shp")))
    assert (result.is_reached, result.differences, result.machine) == (False, (), None)
    [problem] = result.problems
    assert (problem.line, "Shp" in problem.what) == (54, True)
    assert goal.compare("").problems
    assert goal.compare("[" * 5000).problems


def test_each_case_is_compared(tmp_path: Path) -> None:
    goal = goal_in(tmp_path, 'cases = ["Paid", "Busy"]')
    assert goal.compare(json.dumps(ORDER)).is_reached
    result = goal.compare(changed(lambda states: states["Charge"].pop("Retry")))
    assert [(one.case, one.part) for one in result.differences] == [
        ("Busy", GoalPart.STATUS),
        ("Busy", GoalPart.STATES),
        ("Busy", GoalPart.STATES),
    ]


def test_each_input_is_compared_with_each_case(tmp_path: Path) -> None:
    files = {"small__json": {"total": 5}, "broken__asl__json": ORDER}
    text = f'{HEAD}{STEP}inputs = ["input.json", "small.json"]\ncases = ["Paid", "Busy"]\n'
    [step] = read_lesson(write_lesson(tmp_path, text, **files)).steps
    assert isinstance(step, MendStep)
    assert step.labels == (
        "Paid with input.json", "Busy with input.json", "Paid with small.json", "Busy with small.json",
    )  # fmt: skip
    for_one_alone = changed(lambda states: states["Paid?"].update(Default="Ship"))
    result = MendGoal(step).compare(for_one_alone)
    assert {one.case for one in result.differences} == {"Paid with small.json", "Busy with small.json"}
    [step] = read_lesson(write_lesson(tmp_path, text.replace('"input.json", ', ""), **files)).steps
    assert isinstance(step, MendStep)
    assert step.labels == ("Paid", "Busy")


def test_the_error_counts_where_it_is_asked_for(tmp_path: Path) -> None:
    more = 'case = "Paid"\ninput = "small.json"\ncompare = ["error"]'
    write_lesson(tmp_path, "", small__json={"total": 1})
    goal = goal_in(tmp_path, more)
    [difference] = goal.compare(changed(lambda states: states["Tell"].update(Error="Unpaid"))).differences
    assert difference.sentence.startswith("The error is Unpaid, and that of the goal NotPaid.")


def test_a_goal_that_does_not_end_is_a_mistake_of_the_lesson(tmp_path: Path) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    with pytest.raises(SfdebugError, match="the goal does not come to its end: the Task A asks for a result"):
        goal_in(tmp_path, 'case = "Paid"', {"StartAt": "A", "States": {"A": task}})


def test_an_express_workflow_cannot_wait_for_a_callback(tmp_path: Path) -> None:
    goal = goal_in(tmp_path, 'case = "Paid"\nexecution_type = "EXPRESS"')
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    [problem] = goal.compare(changed(lambda states: states["Charge"].update(Resource=resource))).problems
    assert "Express" in problem.what


def _caught_elsewhere(states: dict[str, Any]) -> None:
    inner = states["Pack all"]["ItemProcessor"]["States"]
    inner["Pack"]["Catch"] = [{"ErrorEquals": ["Tea.Missing"], "Next": "Missing"}]
    inner["Missing"] = {"Type": "Pass", "End": True}


def _shaped_behind(states: dict[str, Any]) -> None:
    both = {"receipt.$": "$.done[0].receipt", "parcel.$": "$.done[1].parcel"}
    states["Prepare"]["Next"] = "Shape"
    states["Shape"] = {"Type": "Pass", "Parameters": both, "ResultPath": "$.done", "Next": "Ship"}


def _said_for_one_case(states: dict[str, Any]) -> None:
    states["Not charged"] = {"Type": "Fail", "Error": "CardDeclined", "Cause": "over the limit"}


def _said_for_one_printer(states: dict[str, Any]) -> None:
    states["Make label"]["Parameters"]["city.$"] = "$.address.city"
    states["Print"]["Catch"][0]["ResultPath"] = "$.problem"
    states["Not printed"] = {"Type": "Fail", "Error": "OutOfPaper", "Cause": "tray 2 is empty"}


def _names_priced_as_a_tea(states: dict[str, Any]) -> None:
    reader = states["Price all"]["ItemReader"]
    reader["ReaderConfig"] = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["sku", "grams"]}
    states["Price all"]["ToleratedFailurePercentage"] = 34


def _tolerant(percentage: float) -> Change:
    def change(states: dict[str, Any]) -> None:
        states["Price all"]["ItemReader"]["ReaderConfig"] = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
        states["Price all"]["ToleratedFailurePercentage"] = percentage

    return change


def _caught_elsewhere_in_a_branch(states: dict[str, Any]) -> None:
    goal = shipped_course().find("fast-track-many").steps[-1]
    assert isinstance(goal, MendStep)
    states.update(json.loads(goal.goal.read_text(encoding="utf-8"))["States"])
    _caught_elsewhere(states["Prepare"]["Branches"][1]["States"])


@pytest.mark.parametrize(
    ("name", "change", "is_right"),
    [
        ("map", _caught_elsewhere, True),
        ("parallel", _shaped_behind, True),
        ("metrics", _said_for_one_case, False),
        ("distributed-map", _names_priced_as_a_tea, False),
        ("distributed-map", _tolerant(50), True),
        ("distributed-map", _tolerant(100), False),
        ("fast-track-many", _caught_elsewhere_in_a_branch, True),
        ("fast-track-production", _said_for_one_printer, False),
    ],
)
def test_shipped_lessons_take_other_repairs_that_are_right_and_none_for_one_case_alone(
    name: str, change: Change, is_right: bool
) -> None:
    [step] = [step for step in shipped_course().find(name).steps if isinstance(step, MendStep)]
    goal = MendGoal(step)
    mine = json.loads(goal.broken)
    change(mine["States"])
    assert goal.compare(json.dumps(mine)).is_reached is is_right
