"""The folder of sessions: what lies in it beside them does not hide them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.folder import SUFFIX, SessionFolder
from sfdebug.debugger.sessions.records import record_of


def test_a_link_to_nowhere_hides_no_session(tmp_path: Path) -> None:
    there = tmp_path / f"a{SUFFIX}"
    there.touch()
    (tmp_path / f"b{SUFFIX}").symlink_to(tmp_path / "nowhere")
    assert SessionFolder(tmp_path).files() == [there]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_no_session_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"a{SUFFIX}")
    folder = SessionFolder(tmp_path)
    assert folder.files() == []
    assert list(folder.entries()) == []


def test_half_a_character_is_no_record() -> None:
    with pytest.raises(SessionError, match="a record that this version does not know"):
        record_of({"is": "\ud800"})


def test_nothing_is_the_name_of_no_session(tmp_path: Path) -> None:
    (tmp_path / f"a{SUFFIX}").touch()
    with pytest.raises(SessionError, match="there is no session"):
        SessionFolder(tmp_path).named("")
    assert SessionFolder(tmp_path).named("a").name == f"a{SUFFIX}"
