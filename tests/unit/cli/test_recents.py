"""What the home screen remembers: private, bounded, and of no consequence when it is damaged."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sfdebug.cli.recents import MOST_RECENTS, memory_file, read_memory, recent_of, remember, remember_tour


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def file() -> Path:
    found = memory_file()
    assert found is not None
    return found


def test_the_newest_comes_first_and_none_twice() -> None:
    for path in ("/a", "/b", "/a"):
        remember(recent_of(path, mocks="/m", case="One", input="/i"))
    assert [one.path for one in read_memory().recents] == ["/a", "/b"]
    assert read_memory().recents[0].case == "One"


def test_it_is_for_the_user_alone() -> None:
    remember(recent_of("/a"))
    if os.name == "posix":
        assert stat.S_IMODE(file().stat().st_mode) == 0o600
    assert os.listdir(file().parent) == ["home.json"]


def test_it_is_bounded() -> None:
    for number in range(MOST_RECENTS + 5):
        remember(recent_of(f"/{number}"))
    assert len(read_memory().recents) == MOST_RECENTS
    assert read_memory().recents[0].path == f"/{MOST_RECENTS + 4}"


def test_the_tour_stays_seen() -> None:
    remember_tour()
    remember(recent_of("/a"))
    assert read_memory().has_seen_tour


@pytest.mark.parametrize("text", ["", "{", "[]", '{"recents": 7}', '{"recents": [{"path": 1}]}', "\0"])
def test_a_damaged_file_is_none(text: str) -> None:
    file().parent.mkdir(parents=True)
    file().write_text(text)
    assert read_memory().recents == ()
    remember(recent_of("/a"))
    assert [one.path for one in read_memory().recents] == ["/a"]


def test_what_cannot_be_written_is_not_remembered(tmp_path: Path) -> None:
    (tmp_path / "sfdebug").write_text("a file, where the folder would be")
    remember(recent_of("/a"))
    assert read_memory().recents == ()
