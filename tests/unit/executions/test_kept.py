"""What was read once is not asked again: outcomes and histories on disk, for their owner alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from sfdebug.aws.opening import OpenedExecution
from sfdebug.executions import kept as kept_module
from sfdebug.executions.kept import KeptExecutions, forget_all
from sfdebug.executions.outcome import ExecutionOutcome, Known
from sfdebug.values import Json
from tests.aws_fleet import PREFIX

ONE = ExecutionOutcome(
    arn=f"{PREFIX}:execution:Orders:run-1", name="run-1", status="FAILED", stopped_at=9, known=Known.WHOLE, error="Bad"
)
LISTED = replace(ONE, known=Known.LISTED, error=None)
EVENTS: tuple[dict[str, Json], ...] = ({"id": 1, "type": "ExecutionStarted", "timestamp": "2025-01-01T00:00:00+00:00"},)
OPENED = OpenedExecution(ONE.arn, "run-1", {"executionArn": ONE.arn, "status": "FAILED"}, "{}", EVENTS)


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_what_is_over_is_kept_for_its_owner_and_by_its_redrives(cache: Path) -> None:
    kept = KeptExecutions()
    kept.put(ONE)
    kept.put_opened(ONE, OPENED)
    again = KeptExecutions()
    assert again.completed(LISTED) == ONE
    assert again.opened(LISTED) == OPENED
    redriven = replace(LISTED, redrive_count=1, redriven_at=10)
    assert again.completed(redriven) is redriven
    assert again.opened(redriven) is None
    other = KeptExecutions("http://127.0.0.1:1")
    assert other.completed(LISTED) is LISTED
    elsewhere = replace(LISTED, arn=LISTED.arn.replace("eu-west-1", "us-east-1"))
    assert again.completed(elsewhere) is elsewhere
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert forget_all() > 0
    assert KeptExecutions().completed(LISTED) is LISTED


def test_what_can_change_or_was_refused_is_not_kept() -> None:
    kept = KeptExecutions()
    running = replace(ONE, status="RUNNING")
    kept.put(running)
    kept.put(replace(ONE, known=Known.DESCRIBED))
    kept.put(replace(ONE, refusal="denied"))
    kept.put_opened(running, OPENED)
    kept.put_opened(ONE, replace(OPENED, is_running=True))
    kept.put(replace(ONE, arn="no ARN"))
    assert kept.completed(LISTED) is LISTED
    assert kept.opened(LISTED) is None


def test_damaged_files_are_as_if_they_were_not_there(cache: Path) -> None:
    kept = KeptExecutions()
    other = replace(ONE, arn=f"{ONE.arn}0")
    kept.put(ONE)
    kept.put(other)
    kept.put_opened(ONE, OPENED)
    for path in cache.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            path.write_bytes(b"\xff{" + data[:-3])
    again = KeptExecutions()
    assert again.opened(LISTED) is None
    assert again.completed(LISTED) == ONE
    assert again.completed(replace(other, known=Known.LISTED)).known is Known.LISTED
    again.put(other)
    assert KeptExecutions().completed(replace(other, known=Known.LISTED)) == other


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(kept_module, "_MOST_OUTCOMES", 10)
    monkeypatch.setattr(kept_module, "_MOST_HISTORIES", 3)
    monkeypatch.setattr(kept_module, "_LOOK_EVERY", 1)
    kept = KeptExecutions()
    every = [replace(ONE, arn=f"{ONE.arn}{number}", stopped_at=number) for number in range(25)]
    for one in every:
        kept.put(one)
        kept.put_opened(one, OPENED)
    histories = [path for path in cache.rglob("histories/*") if path.is_file()]
    assert len(histories) <= 4
    again = KeptExecutions()
    found = [one for one in every if again.completed(replace(one, known=Known.LISTED)) == one]
    assert found == every[-5:]
    assert os.path.getsize(next(cache.rglob("outcomes"))) < 3_000


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "file" / "below"))
    (cache / "file").write_text("")
    kept = KeptExecutions()
    kept.put(ONE)
    kept.put_opened(ONE, OPENED)
    assert kept.completed(LISTED) is LISTED
    assert forget_all() == 0
