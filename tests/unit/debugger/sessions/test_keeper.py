"""The journal of a debugger: its file, what is written when, what happens where nothing can be."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.sessions import journal
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.folder import MOST_SESSIONS, SUFFIX, SessionFolder, entry_of
from sfdebug.debugger.sessions.journal import is_in_use
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.restoring import beginning_of, read_session, restored
from sfdebug.debugger.sessions.session import plain_settings, settings_of
from sfdebug.engine import Settings
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.values import Json
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, machine, passing, task
from tests.session_runs import going_on, keeper_of, place

AT_ALL = machine(One=passing("Two"), Two=passing())


def test_a_journal_is_the_owners_own_and_there_from_the_first_thing_on(tmp_path: Path) -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    folder = SessionFolder(tmp_path / "state" / "sessions")
    keeper = SessionKeeper(debugger, lambda: beginning_of(debugger, 1.0, "1.0"), lambda: folder.new_path())
    assert keeper.keep()
    assert not folder.files(), "nothing was done yet"
    debugger.step_over()
    assert keeper.keep()
    (path,) = folder.files()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    size = path.stat().st_size
    assert keeper.keep()
    assert path.stat().st_size == size, "what has not changed is not written"
    keeper.close()


def test_what_is_kept_is_written_with_one_write_per_thing_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    write = os.write

    def counting(file: int, data: bytes) -> int:
        writes.append(len(data))
        return write(file, data)

    monkeypatch.setattr(os, "write", counting)
    debugger = Debugger(ORDER, {"order": {"total": 500, "text": "x" * 2_000}}, tasks=Handler())
    keeper = keeper_of(debugger, tmp_path / "session")
    for verb in ("step_into", "step_over", "run", "restart"):
        debugger.do(verb)  # type: ignore[arg-type]
        keeper.keep()
    assert len(writes) == 4
    keeper.close()


def test_two_programs_do_not_write_to_one_session(tmp_path: Path) -> None:
    path = tmp_path / "session"
    debugger = Debugger(AT_ALL, {})
    keeper = keeper_of(debugger, path)
    debugger.step_over()
    keeper.keep()
    assert is_in_use(path)
    with pytest.raises(SessionError, match="another sfdebug has this session open"):
        going_on(path)
    keeper.close()
    assert not is_in_use(path)
    again = going_on(path)
    assert is_in_use(path)
    assert place(again.debugger) == place(debugger)
    again.keeper.close()


def test_a_full_disk_is_told_and_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "session"
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = keeper_of(debugger, path)
    debugger.step_over()
    assert keeper.keep()
    size = path.stat().st_size
    write = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) > 20:
            return write(file, data[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        debugger.edit_input({"order": {"total": 1}, "long": "y" * 1_000})
        assert not keeper.keep()
        assert keeper.trouble == "No space left on device"
        assert keeper.would_be_lost == "1 decision"
        assert path.stat().st_size == size, "the half of a record is taken away again"
    assert keeper.keep()
    assert (keeper.trouble, keeper.would_be_lost) == ("", "")
    keeper.close()
    assert place(going_on(path, tasks=Handler()).debugger) == place(debugger)


def test_without_a_place_nothing_is_kept_and_it_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    debugger = Debugger(AT_ALL, {})
    keeper = SessionKeeper(
        debugger, lambda: beginning_of(debugger, 1.0, "1"), lambda: SessionFolder(blocked / "sessions").new_path()
    )
    debugger.step_over()
    assert not keeper.keep()
    assert keeper.trouble == "Not a directory"
    assert keeper.would_be_lost == "", "nothing was made by hand"
    debugger.edit_input({"a": 1})
    keeper.keep()
    assert keeper.would_be_lost == "1 decision"
    keeper.save_as(tmp_path / "mine", {})
    assert keeper.would_be_lost == ""
    debugger.edit_input({"a": 2})
    assert keeper.would_be_lost


def test_autosave_can_be_off(tmp_path: Path) -> None:
    debugger = Debugger(AT_ALL, {})
    keeper = SessionKeeper(debugger, lambda: beginning_of(debugger, 1.0, "1"), None)
    debugger.edit_input({"a": 1})
    assert not keeper.keep()
    assert (keeper.is_on, keeper.trouble) == (False, "autosave is off")
    assert keeper.would_be_lost == "1 decision"


def test_a_deleted_journal_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "session"
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = keeper_of(debugger, path)
    debugger.step_over()
    keeper.keep()
    path.unlink()
    debugger.step_over()
    assert keeper.keep()
    keeper.close()
    assert place(going_on(path, tasks=Handler()).debugger) == place(debugger)


@pytest.mark.parametrize("done", ["replaced", "cut"])
def test_a_journal_that_is_not_what_it_was_is_left_alone_and_another_one_has_all(tmp_path: Path, done: str) -> None:
    paths = [tmp_path / "first", tmp_path / "second"]
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = SessionKeeper(debugger, lambda: beginning_of(debugger, 1.0, "1"), iter(paths).__next__)
    debugger.step_over()
    keeper.keep()
    if done == "cut":
        os.truncate(paths[0], 100)
    else:
        (tmp_path / "other").write_bytes(b"x")
        (tmp_path / "other").replace(paths[0])
    left = paths[0].read_bytes()
    debugger.step_over()
    assert keeper.keep()
    keeper.close()
    assert paths[0].read_bytes() == left
    assert place(going_on(paths[1], tasks=Handler()).debugger) == place(debugger)


def test_a_long_journal_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.debugger.sessions.keeper._MUCH", 4_000)
    path = tmp_path / "session"
    debugger = Debugger(ORDER, {**ORDER_INPUT, "long": "x" * 1_000}, tasks=Handler())  # type: ignore[dict-item]
    keeper = keeper_of(debugger, path)
    debugger.run()
    keeper.keep()
    first, largest = path.stat().st_size, 0
    for _ in range(200):
        debugger.step_back()
        keeper.keep()
        debugger.step_into()
        keeper.keep()
        largest = max(largest, path.stat().st_size)
    assert largest < 4 * first + 1_000
    assert not (tmp_path / "session.new").exists()
    assert is_in_use(path), "the new file is locked too"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keeper.close()
    assert place(going_on(path, tasks=Handler()).debugger) == place(debugger)


def test_closing_leaves_a_short_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.debugger.sessions.keeper._MUCH", 1_600)
    path = tmp_path / "session"
    debugger = Debugger(AT_ALL, {})
    keeper = keeper_of(debugger, path)
    for _ in range(20):
        debugger.run()
        keeper.keep({"zoom": "dots"})
        debugger.restart()
        keeper.keep({"zoom": ""})
    long = path.stat().st_size
    keeper.close()
    assert path.stat().st_size < long / 2
    assert going_on(path).seen == {"zoom": ""}


def test_nobody_is_asked_again(tmp_path: Path) -> None:
    path, handler = tmp_path / "session", Handler()
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=handler)
    keeper = keeper_of(debugger, path)
    debugger.run()
    keeper.keep()
    keeper.close()
    assert handler.asked == ["Reserve", "Charge"]
    again = Handler()
    found = going_on(path, tasks=again)
    assert place(found.debugger) == place(debugger)
    found.debugger.restart()
    found.debugger.run()
    assert again.asked == []


def test_settings_come_back() -> None:
    every = Settings(
        "EXPRESS", "n", "m", 5, 6, 0.25, 0.5, "r", "a", "role", 7, 8, {"Execution": {"Id": "x"}}, checks_arguments=False
    )
    assert settings_of(plain_settings(every)) == every
    assert settings_of(plain_settings(Settings())) == Settings()
    with pytest.raises(SessionError, match="settings"):
        settings_of({"seed": "x"})
    with pytest.raises(SessionError, match="settings"):
        settings_of({"speed": 1})


def test_the_folder_keeps_the_newest(tmp_path: Path) -> None:
    folder = SessionFolder(tmp_path / "sessions")
    debugger = Debugger(AT_ALL, {})
    debugger.step_over()
    first = folder.new_path()
    keeper = keeper_of(debugger, first)
    keeper.keep()
    for number in range(MOST_SESSIONS + 5):
        path = folder.path / f"{number}{SUFFIX}"
        path.touch()
        os.utime(path, (10**9 * 4 + number,) * 2)
    os.utime(first, (1, 1))
    left = folder.path / f"0{SUFFIX}.damaged"
    left.touch()
    os.utime(left, (1, 1))
    folder.new_path()
    assert not left.exists()
    names = {path.name for path in folder.files()}
    assert first.name in names, "it is old, and open"
    assert f"{MOST_SESSIONS + 4}{SUFFIX}" in names
    assert f"0{SUFFIX}" not in names
    assert len(names) <= MOST_SESSIONS
    assert [entry.path for entry in folder.entries()] == [first], "what is no session is left out"
    keeper.close()


def test_what_a_list_says(tmp_path: Path) -> None:
    path = tmp_path / f"one{SUFFIX}"
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = keeper_of(debugger, path)
    debugger.step_over()
    debugger.edit_input({"a": 1})
    debugger.leave_fork()
    keeper.keep()
    entry = entry_of(path)
    assert entry is not None
    assert (entry.id, entry.time, entry.summary.state, entry.summary.forks, entry.is_open) == (
        "one",
        2.0,
        "Paid?",
        1,
        True,
    )
    keeper.close()
    path.write_bytes(path.read_bytes()[:-5])
    torn = entry_of(path)
    assert torn is not None
    assert (torn.summary.state, torn.is_open) == ("", False)


def test_a_name_may_be_the_beginning_of_one(tmp_path: Path) -> None:
    folder = SessionFolder(tmp_path)
    for name in ("abc-1", "abd-2"):
        (tmp_path / f"{name}{SUFFIX}").touch()
    assert folder.named("abc").name == f"abc-1{SUFFIX}"
    for name in ("ab", "x"):
        with pytest.raises(SessionError):
            folder.named(name)


SECRET: Json = {"order": {"total": 142.5}, "customer": "Ada Ferrand", "account": "arn:aws:sqs:eu-west-1:999988887777:q"}


def test_without_its_data_a_session_goes_the_same_way(tmp_path: Path) -> None:
    debugger = Debugger(ORDER, SECRET)
    keeper = keeper_of(debugger, tmp_path / "session", "/home/ada/order.asl.json")
    debugger.run()
    debugger.answer_task(TaskResult({"who": "Ada Ferrand", "text": "s3cret" * 200}))
    debugger.run()
    debugger.inject_failure(("Charge",), "Declined", "card 4111-1111 of Ada", 1)
    debugger.run()
    debugger.breakpoints.take_texts(["Charge", "Reserve if $.customer = 'Ada Ferrand'"])
    debugger.watches.add("{% customer = 'Ada' %}")
    keeper.save_as(tmp_path / "shared", {"pane": "data"}, is_redacted=True)
    text = (tmp_path / "shared").read_text()
    for word in ("Ada", "Ferrand", "142.5", "s3cret", "4111", "999988887777", "/home"):
        assert word not in text, word
    assert "Declined" in text, "names of errors stay"
    assert '"breakpoints":["Charge"],"watches":[]' in text, "conditions and watches may hold data"
    session = read_session(tmp_path / "shared")
    assert session.beginning.is_redacted
    found = restored(session).debugger
    assert [event.type for event in found.execution.events] == [event.type for event in debugger.execution.events]
    assert found.execution.status == debugger.execution.status


def test_a_session_that_hangs_on_its_data_is_not_saved_without_them(tmp_path: Path) -> None:
    hangs = machine(
        Which={
            "Type": "Choice",
            "QueryLanguage": "JSONata",
            "Choices": [{"Condition": "{% $contains($states.input.name, 'A') %}", "Next": "Yes"}],
            "Default": "No",
        },
        Yes=passing(),
        No=passing(),
    )
    debugger = Debugger(hangs, {"name": "bANANA"})
    keeper = keeper_of(debugger, tmp_path / "session")
    debugger.run()
    with pytest.raises(SessionError, match="without its data this session goes another way"):
        keeper.save_as(tmp_path / "shared", {}, is_redacted=True)
    assert not (tmp_path / "shared").exists()
    keeper.save_as(tmp_path / "shared", {})
    assert (tmp_path / "shared").exists()


def test_a_question_that_nobody_answers_is_not_asked_again(tmp_path: Path) -> None:
    asked: list[Any] = []

    class Silent:
        def answer(self, request: Any) -> None:
            asked.append(request.state.name)

    path = tmp_path / "session"
    debugger = Debugger(machine(Only=task()), {}, tasks=Silent())
    keeper = keeper_of(debugger, path)
    debugger.run()
    keeper.keep()
    keeper.close()
    found = going_on(path, tasks=Silent())
    assert found.debugger.question is not None
    assert asked == ["Only"]
    assert found.debugger.run().text == debugger.stop.text
    assert asked == ["Only"]
    found.keeper.close()


def test_a_journal_that_was_written_anew_meanwhile_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "session"
    debugger = Debugger(AT_ALL, {})
    keeper = keeper_of(debugger, path)
    debugger.step_over()
    keeper.keep()
    keeper.close()

    def replaced(descriptor: int) -> None:
        beside = path.with_name("beside")
        beside.write_bytes(path.read_bytes())
        beside.replace(path)

    monkeypatch.setattr(journal, "lock", replaced)
    with pytest.raises(SessionError, match="open"):
        going_on(path)
