"""Opening a session: damaged, hostile, of another definition, of a recording."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger import Debugger
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import line_of, lines_in, text_of, value_in
from sfdebug.debugger.sessions.restoring import read_session, restored
from sfdebug.engine import step
from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from tests.debugger_runs import ENDLESS, ORDER, ORDER_INPUT, Handler, machine, passing, task
from tests.session_runs import going_on, keeper_of, place


def walked(path: Path) -> Debugger:
    """Two forks, in ten records."""
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = keeper_of(debugger, path)
    for verb in ("step_into", "step_over", "step_over", "back_over"):
        debugger.do(verb)  # type: ignore[arg-type]
        keeper.keep()
    debugger.force_choice(0)
    keeper.keep()
    debugger.run()
    keeper.keep()
    keeper.close()
    return debugger


def rewritten(path: Path, change: Any) -> None:
    """The journal with its records changed, and checksums that fit."""
    records = [value_in(text) for text in lines_in(path.read_bytes()).texts]
    records = change(records) or records
    data, chain = b"", 0
    for record in records:
        line, chain = line_of(text_of(record), chain)
        data += line
    path.write_bytes(data)


def test_a_session_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "session"
    before = walked(path)
    found = going_on(path, tasks=Handler())
    assert found.notes == ()
    assert place(found.debugger) == place(before)
    assert found.keeper.path == path
    found.debugger.leave_fork()
    found.keeper.keep()
    found.keeper.close()
    assert place(going_on(path, tasks=Handler()).debugger) == place(found.debugger)


def test_a_session_that_is_damaged_in_the_middle_opens_up_to_there_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "session"
    walked(path)
    data = bytearray(path.read_bytes())
    lines = data.splitlines(keepends=True)
    data[sum(map(len, lines[:6])) + 30] ^= 1
    path.write_bytes(data)
    found = going_on(path, tasks=Handler())
    assert found.notes == ("the session's file is damaged at line 7: what was done after that is lost",)
    assert place(found.debugger)[:3] == ("main", ("Charge",), 8)
    assert (tmp_path / "session.damaged").read_bytes() == data, "nothing that may still be mended is thrown away"
    found.debugger.step_over()
    found.keeper.keep()
    found.keeper.close()
    again = going_on(path, tasks=Handler())
    assert again.notes == ()
    assert place(again.debugger) == place(found.debugger)


def test_a_file_that_cannot_be_written_goes_on_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "session"
    before = walked(path)
    data = path.read_bytes()

    def denied(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sfdebug.debugger.sessions.opening.Journal.reopen", denied)
    found = going_on(path, tasks=Handler())
    assert place(found.debugger) == place(before)
    assert found.keeper.path == tmp_path / "session.again"
    found.keeper.close()
    assert path.read_bytes() == data


@pytest.mark.parametrize("content", [b"", b"\n", b"{}", b"\x00" * 5_000, b'["00000000",{}]\n' * 4])
def test_what_is_no_session_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "session"
    path.write_bytes(content)
    with pytest.raises(SessionError, match="no session of sfdebug") as caught:
        read_session(path)
    assert "sfdebug sessions" in caught.value.fix


def test_another_format_is_told(tmp_path: Path) -> None:
    path = tmp_path / "session"
    walked(path)
    rewritten(path, lambda records: records[0].update(format=2))
    with pytest.raises(SessionError, match="format") as caught:
        read_session(path)
    assert "Install a version" in caught.value.fix


HOSTILE = {
    "no such fork": lambda records: records[-1].update(on=9),
    "negative": lambda records: records[-1]["moves"][-1].update(at=-1),
    "no such node": lambda records: records[-1]["moves"][-1].update(at=10**9),
    "no such place": lambda records: records[-1]["moves"][-1].update(place=7),
    "no such branch": lambda records: records[-1]["moves"][-1].update(focus=[["X", 0]]),
    "bad focus": lambda records: records[-1]["moves"][-1].update(focus=3),
    "other events": lambda records: records[-1]["moves"][-1].update(events=0),
    "too far": lambda records: records[-1]["moves"][0].update(by=[10**18]),
    "no decision": lambda records: records[-1]["moves"][0].update(by=[{}]),
    "a wrong answer": lambda records: records[-1]["moves"][0].update(
        by=[["answer", {"branch": [], "answer": ["silence", {}]}, "", None]]
    ),
    "fork of nothing": lambda records: records[-1]["moves"].insert(0, {"type": "fork", "of": 7, "at": 0, "why": ""}),
    "fork at nothing": lambda records: records[-1]["moves"].insert(0, {"type": "fork", "of": 0, "at": 99, "why": ""}),
    "undone nowhere": lambda records: records[-1].update(
        undone=[{"on": 0, "at": 0, "place": 0, "focus": None, "went_to": 5, "decided": 0, "what": ""}]
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_have_been_done_is_not_done(tmp_path: Path, name: str) -> None:
    path = tmp_path / "session"
    walked(path)
    rewritten(path, lambda records: HOSTILE[name](records) and None)
    found = going_on(path, tasks=Handler())
    (note,) = found.notes
    assert note.startswith("step 6 cannot be played again: "), note
    found.debugger.view()
    assert found.debugger.run()
    assert found.keeper.path == tmp_path / "session.again", "the session as it was stays as it is"
    found.keeper.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda records: records[3].update(moves=3),
        lambda records: records[3].update({"is": "magic"}),
        lambda records: records.insert(3, records[0]),
        lambda records: records[0].update(settings={"seed": "x"}),
        lambda records: records[1].update(v="{"),
        lambda records: records[1].update(v=5),
    ],
)
def test_what_does_not_stand_for_a_record_is_refused(tmp_path: Path, change: Any) -> None:
    path = tmp_path / "session"
    walked(path)
    rewritten(path, lambda records: change(records) and None)
    with pytest.raises(SessionError):
        restored(read_session(path))


def test_a_session_is_of_what_it_is_of(tmp_path: Path) -> None:
    path = tmp_path / "session"
    walked(path)
    rewritten(path, lambda records: records[0].update(recording={"path": "x", "sha256": "y", "execution": ""}))
    with pytest.raises(SessionError, match="a session of a recorded execution"):
        going_on(path)


def test_thousands_of_decisions_are_played_with_one_step_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    debugger = Debugger(ENDLESS, {}, most_steps=6_000)
    keeper = keeper_of(debugger, tmp_path / "session")
    debugger.run()
    keeper.keep()
    keeper.close()
    assert (tmp_path / "session").stat().st_size < 2_000, "that nothing was decided is a number"
    counted: list[int] = []

    def counting(*args: Any) -> Any:
        counted.append(1)
        return step(*args)

    monkeypatch.setattr("sfdebug.debugger.timeline.timeline.step", counting)
    found = going_on(tmp_path / "session")
    assert len(counted) == 6_000
    assert place(found.debugger) == place(debugger)


# A definition that has changed


def changed(path: Path, definition: dict[str, Any], tasks: Any = None) -> Any:
    return going_on(path, definition_from(definition), tasks)


CHAIN = machine(
    Start=passing("First"),
    First=task("Route"),
    Route={
        "Type": "Choice",
        "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "Left"}],
        "Default": "Right",
    },
    Left=task("End"),
    Right=passing("End"),
    End=passing(),
)


def chained(path: Path, provenance: Provenance = Provenance.USER) -> Debugger:
    """A session in which two Tasks were answered, and a Choice forced between them."""
    debugger = Debugger(CHAIN, {"a": 1})
    keeper = keeper_of(debugger, path)
    debugger.run()
    debugger.answer_task(TaskResult({"first": 1}, provenance=provenance))
    debugger.step_over()
    debugger.force_choice(0)
    debugger.run()
    debugger.answer_task(TaskFailure("Left.Bad"))
    debugger.breakpoints.toggle(("Right",))
    debugger.breakpoints.toggle(("Left",))
    keeper.keep()
    keeper.close()
    return debugger


def edited(**states: Any) -> dict[str, Any]:
    return {**CHAIN, "States": {**CHAIN["States"], **states}}


def test_all_decisions_fit_a_change_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "session"
    before = chained(path)
    found = changed(path, edited(End=passing(Comment="another one")))
    assert found.notes == ("the definition has changed since; all 3 decisions still fit",)
    assert place(found.debugger) == place(before)
    assert found.keeper.path == tmp_path / "session.again"
    assert found.debugger.breakpoints.states == {("Left",), ("Right",)}
    found.keeper.close()
    again = going_on(tmp_path / "session.again")
    assert (again.notes, place(again.debugger)) == ((), place(before))


def test_decisions_fit_around_states_that_are_new(tmp_path: Path) -> None:
    path = tmp_path / "session"
    chained(path)
    found = changed(path, edited(Start=passing("New"), New=passing("First", Result={"b": 2}, ResultPath="$.new")))
    assert found.notes == ("the definition has changed since; all 3 decisions still fit",)
    assert found.debugger.view().state_path == ("Left",)
    assert "New" in {visit.state.name for visit in found.debugger.execution.visits}


@pytest.mark.parametrize(
    ("definition", "fit", "why"),
    [
        (
            edited(Start=passing("Ask"), Ask=task("First")),
            0,
            "'First' returned a result no longer fits: Ask asks before it",
        ),
        (
            edited(First=task("Over"), Over={"Type": "Succeed"}),
            1,
            "forced Choice 'Route' to rule 1 no longer fits: the execution is over before it",
        ),
        (
            edited(
                Route={
                    **CHAIN["States"]["Route"],
                    "Choices": [
                        {"Variable": "$.never", "IsPresent": True, "Next": "End"},
                        {"Variable": "$.x", "IsPresent": True, "Next": "Left"},
                    ],
                }
            ),
            1,
            "forced Choice 'Route' to rule 1 no longer fits: it leads to End now, not to Left",
        ),
        (
            edited(Left=passing("End")),
            2,
            "'Left' failed with Left.Bad no longer fits: the execution is over before it",
        ),
    ],
)
def test_the_first_decision_that_no_longer_fits_is_named(
    tmp_path: Path, definition: dict[str, Any], fit: int, why: str
) -> None:
    path = tmp_path / "session"
    chained(path)
    data = path.read_bytes()
    found = changed(path, definition)
    assert found.notes == (f"the definition has changed since; decisions that still fit: {fit} of 3", why)
    assert found.debugger.timeline.decided_count == fit
    assert found.debugger.cursor.node is found.debugger.timeline.tip
    assert path.read_bytes() == data
    found.keeper.close()


def test_what_a_function_answered_to_another_input_is_not_known(tmp_path: Path) -> None:
    for provenance, fit in ((Provenance.FUNCTION, False), (Provenance.USER, True)):
        path = tmp_path / str(provenance)
        chained(path, provenance)
        found = changed(path, edited(Start=passing("First", Result={"b": 1})))
        assert ("it was given to another input" in "".join(found.notes)) is not fit
        found.keeper.close()


def test_a_fork_that_parts_from_what_is_gone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "session"
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = keeper_of(debugger, path)
    debugger.run()
    debugger.goto_event(12)
    debugger.edit_input({"order": 1})
    debugger.run()
    keeper.keep()
    keeper.close()
    other = json.loads(json.dumps(ORDER))
    other["States"]["Paid?"]["Default"] = "Ship"
    found = changed(path, other, Handler())
    assert found.notes[0] == "the definition has changed since; decisions that still fit: 0 of 1"
    assert found.notes[-1] == "fork 1 is left out: it parts from where the definition no longer goes"
    assert len(found.debugger.timeline.forks) == 1
    found.debugger.view()
    found.keeper.close()


def test_breakpoints_and_watches_come_back_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "session"
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = keeper_of(debugger, path)
    texts = ["Charge if $.order.total > 40", "off Ship", "event TaskFailed hit 2", "fault"]
    assert debugger.breakpoints.take_texts(texts) == ()
    debugger.watches.add("$.order.total")
    keeper.keep()
    keeper.close()
    found = going_on(path, tasks=Handler()).debugger
    assert found.breakpoints.all == debugger.breakpoints.all
    assert found.watches.texts == ("$.order.total",)
    for one in (debugger, found):
        one.run()
    assert place(found) == place(debugger)
    assert found.stop.text == debugger.stop.text


def test_breakpoints_on_what_is_gone_are_named(tmp_path: Path) -> None:
    path = tmp_path / "session"
    chained(path)
    other = edited(End=passing("Left2"), Left2=task())
    del other["States"]["Left"]
    other["States"]["Route"] = {
        **CHAIN["States"]["Route"],
        "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "Left2"}],
    }
    found = changed(path, other)
    assert any(note.startswith("the breakpoint Left is left out: ") for note in found.notes), found.notes
    assert found.debugger.breakpoints.states == {("Right",)}
    found.keeper.close()


def test_breakpoints_that_make_no_sense_are_named(tmp_path: Path) -> None:
    path = tmp_path / "session"
    walked(path)
    stops = {"breakpoints": ["Nowhere", "Ship"], "watches": ["$.["]}
    rewritten(path, lambda records: records[-1].update(stops=stops))
    found = going_on(path, tasks=Handler())
    assert len(found.notes) == 2
    assert found.debugger.breakpoints.to_texts() == ("Ship",)
    found.keeper.close()
