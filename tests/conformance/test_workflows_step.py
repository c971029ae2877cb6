"""Every real definition opens and can be walked with answers given to its tasks, or says what is not supported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sfdebug.asl.load import load_definition
from sfdebug.debugger import Debugger
from sfdebug.debugger.suggestions.suggest import starting_value
from sfdebug.debugger.verbs import StopReason
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.errors import UnsupportedError
from tests.conformance.test_workflows_load import MALFORMED

FOLDER = Path(__file__).parents[3] / "shared" / "workflows"
CASES = sorted(path for path in FOLDER.glob("*") if path.suffix in (".json", ".yaml", ".yml"))
_MOST_STOPS = 150


@pytest.mark.skipif(not CASES, reason="the real workflows are not beside this checkout")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.split(".")[0])
def test_real_workflow_can_be_walked(path: Path) -> None:
    if path.name in MALFORMED:
        pytest.skip("the file is malformed: test_workflows_load.py checks what is said of it")
    machine = load_definition(str(path))
    if machine.unresolved:
        with pytest.raises(UnsupportedError, match=re.escape(f"{path.name}:")):
            Debugger(machine, {})
        return
    debugger = Debugger(machine, {})
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
