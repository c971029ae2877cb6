"""Where the file for what nobody expected is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdebug.reports.crash import log_path, write_report


def test_the_users_own_folder_for_state_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert log_path() == tmp_path / "sfdebug" / "errors.log"
    assert write_report(ValueError("bad")) == log_path()
    assert "ValueError: bad" in log_path().read_text()


def test_without_a_home_a_temporary_file_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platformdirs.user_state_path", lambda *names, **options: Path("~/.local/state/sfdebug"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    with pytest.raises(RuntimeError):
        log_path()
    assert write_report(ValueError("bad")).parent == tmp_path
