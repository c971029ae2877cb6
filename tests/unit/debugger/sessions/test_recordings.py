"""Sessions of recorded executions: their forks, breakpoints and place, under the same definition and a changed one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import RecordedSession, open_recording
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.opening import Continued, continued
from sfdebug.debugger.sessions.records import RecordingSource
from sfdebug.debugger.sessions.restoring import beginning_of
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.history.reading.read import parse_recordings
from tests.session_runs import place

SAMPLE = Path(__file__).parents[4] / "samples" / "recorded-order"
DEFINITION: dict[str, Any] = json.loads((SAMPLE / "definition.asl.json").read_text())


def run_under(definition: dict[str, Any] | None) -> RecordedSession:
    (recording,) = parse_recordings((SAMPLE / "history.json").read_text(), "history.json")
    return open_recording(recording, definition_from(definition) if definition is not None else None)


def keeper_on(debugger: Debugger, path: Path) -> SessionKeeper:
    source = RecordingSource("/history.json", "abc")
    return SessionKeeper(debugger, lambda: beginning_of(debugger, 1.0, "1", recording=source), lambda: path)


def again(path: Path, run: RecordedSession) -> Continued:
    return continued(path, lambda: path.with_name("again"), run.machine, None, run)


def forked(path: Path) -> Debugger:
    """A session with a fork that gives the failed Task another answer, looked at on the recording, before the end."""
    debugger = Debugger.on_recording(run_under(DEFINITION))
    keeper = keeper_on(debugger, path)
    debugger.goto_failure()
    keeper.keep()
    debugger.edit_result(TaskResult({"trackingNumber": "NO-1"}))
    keeper.keep()
    debugger.run()
    debugger.breakpoints.toggle(("Ship order",))
    keeper.keep()
    debugger.switch_fork(0)
    debugger.step_back()
    assert keeper.keep(), keeper.trouble
    keeper.close()
    return debugger


def test_position_forks_and_breakpoints_come_back(tmp_path: Path) -> None:
    path = tmp_path / "session"
    before = forked(path)
    assert '"on":0,"by"' not in path.read_text(), "what was recorded is not written again"
    found = again(path, run_under(DEFINITION))
    assert found.notes == ()
    assert place(found.debugger) == place(before)
    assert found.debugger.breakpoints.states == {("Ship order",)}
    for debugger in (before, found.debugger):
        debugger.switch_fork(1)
    assert place(found.debugger) == place(before)
    found.keeper.close()


def test_a_position_alone_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "session"
    debugger = Debugger.on_recording(run_under(None))
    keeper = keeper_on(debugger, path)
    assert keeper.keep()
    assert not path.exists()
    debugger.goto_event(17)
    keeper.keep()
    keeper.close()
    found = again(path, run_under(None))
    assert found.notes == ()
    assert place(found.debugger) == place(debugger)
    found.keeper.close()


def test_a_changed_definition_takes_the_forks_that_fit(tmp_path: Path) -> None:
    path = tmp_path / "session"
    before = forked(path)
    found = again(path, run_under({**DEFINITION, "Comment": "another"}))
    assert found.notes == ("the definition has changed since; the decision made still fits",)
    assert place(found.debugger) == place(before)
    found.keeper.close()
    (tmp_path / "again").unlink()
    shorter = json.loads(json.dumps(DEFINITION))
    shorter["States"]["Check stock"]["Next"] = "Order shipped"
    found = again(path, run_under(shorter))
    assert found.notes[0] == "the definition has changed since; decisions that still fit: 0 of 1"
    assert found.notes[-1] == "fork 1 is left out: it parts from where the definition no longer goes"
    found.debugger.view()
    found.keeper.close()


def test_a_session_of_a_recording_needs_it(tmp_path: Path) -> None:
    path = tmp_path / "session"
    forked(path)
    with pytest.raises(SessionError, match="a session of a recorded execution"):
        continued(path, None)
