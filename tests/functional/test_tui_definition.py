"""Editing the definition and going on: the same decisions again, up to the first difference; the run before stays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.sessions.redefining import first_difference, redefined
from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.engine.execution.visit import StageName
from sfdebug.tui.settings import ScreenSettings
from tests.tui_runs import MEDIUM, SMALL, opened

_ARN = "arn:aws:states:::lambda:invoke"
_MACHINE: dict[str, Any] = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Task", "Resource": _ARN, "ResultPath": "$.price", "Next": "Add"},
        "Add": {"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.price, 1)"}, "Next": "Large?"},
        "Large?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.sum", "NumericGreaterThan": 10, "Next": "Review"}],
            "Default": "Done",
        },
        "Review": {"Type": "Task", "Resource": _ARN, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
}

Change = Callable[[dict[str, Any]], None]


def _edited(change: Change) -> dict[str, Any]:
    machine = deepcopy(_MACHINE)
    change(machine["States"])
    return machine


def _run_to_end(debugger: Debugger) -> Debugger:
    debugger.run()
    debugger.answer_task(TaskResult(5))
    debugger.run()
    return debugger


def _run() -> Debugger:
    debugger = _run_to_end(Debugger(_MACHINE, {"n": 1}))
    assert debugger.execution.output == {"sum": 6}
    return debugger


def _other_sum(states: dict[str, Any]) -> None:
    states["Add"]["Parameters"] = {"sum.$": "States.MathAdd($.price, 9)"}


def _other_rule(states: dict[str, Any]) -> None:
    states["Large?"]["Choices"][0]["NumericGreaterThan"] = 4


def _other_comment(states: dict[str, Any]) -> None:
    states["Add"]["Comment"] = "adds"


def _other_name(states: dict[str, Any]) -> None:
    states["Sum"] = states.pop("Add")
    states["Price"]["Next"] = "Sum"


@pytest.mark.parametrize(
    ("change", "text", "state"),
    [
        (_other_sum, "Parameters of Add comes out otherwise", "Add"),
        (_other_rule, 'Rule of "Large?" comes out otherwise', "Large?"),
        (_other_name, "Sum comes in place of Add", "Sum"),
        (_other_comment, None, None),
    ],
)
def test_it_stands_at_the_first_difference(change: Change, text: str | None, state: str | None) -> None:
    before = _run()
    found = redefined(before, definition_from(_edited(change)))
    difference = found.difference
    assert (difference.text if difference is not None else None) == text
    assert found.carried.taken == 1, "the answer to Price was not asked for again"
    if state is not None:
        at = found.debugger.view().state
        assert at is not None
        assert at.name == state
        assert difference is not None
        stage = position_at(found.debugger.cursor).stage
        assert stage is not None
        assert difference.text.startswith(stage.name) or stage.name is StageName.INPUT
    assert before.execution.output == {"sum": 6}


def test_the_same_definition_makes_no_difference() -> None:
    before = _run()
    found = redefined(before, definition_from(deepcopy(_MACHINE)))
    assert found.difference is None
    assert first_difference(before.execution, found.debugger.timeline.tip.execution) is None
    assert found.debugger.execution.output == {"sum": 6}


def _editor(monkeypatch: pytest.MonkeyPatch, text: str, lines: list[int]) -> None:
    def edit(app: object, path: Path, line: int = 0) -> None:
        lines.append(line)
        path.write_text(text, encoding="utf-8")

    monkeypatch.setattr("sfdebug.tui.commands.definition.edit_file", edit)


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_edit_and_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    path = tmp_path / "price.asl.json"
    path.write_text(json.dumps(_MACHINE, indent=2), encoding="utf-8")
    debugger = _run_to_end(Debugger(str(path), {"n": 1}))
    async with opened(debugger, size=size, title=path.name) as session:
        lines: list[int] = []
        session.screen.graph.select(("Add",))
        _editor(monkeypatch, json.dumps(_edited(_other_sum), indent=2), lines)
        await session.press("ctrl+e")
        written = json.dumps(_MACHINE, indent=2).splitlines()
        assert [written[line - 1].strip() for line in lines] == ['"Add": {']
        assert session.message.startswith("edited: Parameters of Add comes out otherwise")
        now = session.screen.debugger
        assert now is not debugger
        assert session.screen.view.state is not None
        assert session.screen.view.state.name == "Add"
        now.run()
        assert now.question is not None, "11 is more than 9: Review asks"
        await session.press("t")
        assert "before the edit of" in session.text
        await session.press("down", "enter")
        assert session.screen.debugger is debugger
        assert debugger.execution.output == {"sum": 6}
        await session.press("t", "down", "enter")
        assert session.screen.debugger is now


async def test_a_mistake_is_told_and_the_run_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "price.asl.json"
    path.write_text(json.dumps(_MACHINE), encoding="utf-8")
    debugger = Debugger(str(path), {"n": 1})
    async with opened(debugger, title=path.name) as session:
        lines: list[int] = []
        _editor(monkeypatch, '{\n  "StartAt": "Nowhere",\n  "States": {"A": {"Type": "Succeed"}}\n}', lines)
        await session.press("ctrl+e")
        assert f"{path}:2:" in session.message
        assert session.screen.debugger is debugger
        await session.press("ctrl+e")
        assert lines[1] == 2
        _editor(monkeypatch, json.dumps(_MACHINE), lines)
        await session.press("ctrl+e")
        assert session.message == "the definition is as it was"


async def test_without_a_file_there_is_nothing_to_edit() -> None:
    async with opened(_MACHINE, {"n": 1}) as session:
        await session.press("ctrl+e")
        assert session.message == "the definition is from no file that could be edited"


async def test_a_watched_file_is_offered_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "price.asl.json"
    path.write_text(json.dumps(_MACHINE), encoding="utf-8")
    debugger = _run_to_end(Debugger(str(path), {"n": 1}))
    async with opened(debugger, settings=ScreenSettings(watches_file=True)) as session:
        commands = session.screen.commands.definition
        commands.look(asks=True)
        assert session.app.screen is session.screen
        path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        os.utime(path, (1, 1))
        commands.look(asks=True)
        assert session.app.screen is session.screen, "it was written once more, as it was"
        path.write_text(json.dumps(_edited(_other_rule)), encoding="utf-8")
        commands.look(asks=True)
        await session.pilot.pause()
        assert "price.asl.json has changed" in session.text
        commands.look(asks=True)
        await session.press("enter")
        assert session.app.screen is session.screen
        assert session.message.startswith('edited: Rule of "Large?" comes out otherwise')
