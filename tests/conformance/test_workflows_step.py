"""Every real definition opens and can be walked with answers given to its tasks, or says what is not supported."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.asl.load import load_definition
from sfdebug.debugger import Debugger
from sfdebug.debugger.offers import starting_value
from sfdebug.debugger.stops import StopReason
from sfdebug.engine.decisions import TaskResult
from sfdebug.errors import DefinitionError, UnsupportedError

FOLDER = Path(__file__).parents[3] / "shared" / "workflows"
CASES = sorted(path for path in FOLDER.glob("*") if path.suffix in (".json", ".yaml", ".yml"))
_MOST_STOPS = 150


@pytest.mark.skipif(not CASES, reason="the real workflows are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.split(".")[0])
def test_real_workflow_can_be_walked(path: Path) -> None:
    try:
        machine = load_definition(str(path))
    except DefinitionError as error:
        assert all(problem.line > 0 and problem.fix for problem in error.problems)
        return
    try:
        debugger = Debugger(machine, {})
    except UnsupportedError as error:
        assert f"{path.name}:" in str(error), "it says where"
        return
    reasons = set()
    for _ in range(_MOST_STOPS):
        question = debugger.question
        if question is not None:
            stop = debugger.answer_task(TaskResult(starting_value(question)))
        else:
            stop = debugger.step_over()
        reasons.add(stop.reason)
        assert debugger.view().sentence is not None
        if debugger.view().is_finished:
            break
    assert StopReason.REFUSED not in reasons
    at_the_end = debugger.view()
    debugger.restart()
    while not debugger.view().is_at_tip:
        debugger.scrub(1000)
    assert debugger.view().event_index == at_the_end.event_index
