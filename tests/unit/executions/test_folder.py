"""The executions in a folder: what fetch wrote, and any other histories; the index of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sfdebug.aws.listing import Wanted
from sfdebug.errors import UsageError
from sfdebug.executions import folder as folder_module
from sfdebug.executions.folder import FolderSource, source_of_folder
from sfdebug.executions.groups import group_failures
from sfdebug.executions.index import INDEX
from sfdebug.executions.outcome import Known
from sfdebug.executions.source import NAMELESS
from tests.aws_fleet import DEFINITION, Fleet, machine_arn
from tests.aws_stub import Fields


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _iso(value: Fields) -> Fields:
    """Times as the command line prints them."""
    from datetime import UTC, datetime

    names = ("timestamp", "startDate", "stopDate")
    return {
        name: datetime.fromtimestamp(inner, UTC).isoformat() if name in names else inner
        for name, inner in value.items()
    }


def save(fleet: Fleet, number: int, folder: Path) -> Path:
    """What `sfdebug fetch` writes of an execution."""
    entry = fleet.entry(number)
    place = folder / str(entry["name"])
    place.mkdir(parents=True)
    described = fleet._DescribeExecution({"executionArn": entry["executionArn"]})
    (place / "execution.json").write_text(json.dumps(_iso(described)))
    (place / "definition.asl.json").write_text(DEFINITION)
    events = [_iso(event) for event in fleet.events_of(number)]
    (place / "history.json").write_text(json.dumps({"events": events}))
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fleet, archive = Fleet(count=400), tmp_path / "archive"
    for number in range(200):
        save(fleet, number, archive)
    return archive


def test_a_folder_is_listed_from_descriptions_and_completed_from_histories(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FolderSource(folder)
    (machines,) = source.machines()
    assert [machine.name for machine in machines] == sorted(Fleet(count=1).names)
    (failed,) = source.executions("Orders", Wanted(("FAILED",)))
    assert [one.name for one in failed] == ["run-00165", "run-00115", "run-00065", "run-00015"]
    assert {one.known for one in failed} == {Known.DESCRIBED}
    done = list(source.outcomes(failed))
    assert {one.known for one in done} == {Known.WHOLE}
    assert done[0].definition_hash
    assert sum(group.count for group in group_failures(done)) == 4
    assert source.definition(done[0]) == DEFINITION
    assert source.recording(done[0]).facts.arn == done[0].arn
    assert not (folder / INDEX).exists()

    read: list[str] = []
    monkeypatch.setattr(folder_module, "read_recordings", lambda path: read.append(str(path)))
    monkeypatch.setattr(folder_module, "_description", lambda path: read.append(str(path)))
    (again,) = FolderSource(folder).executions(machine_arn("Orders"), Wanted(("FAILED",)))
    assert again == done
    assert read == []


def test_a_stale_or_damaged_index_is_mended(folder: Path) -> None:
    source = FolderSource(folder, is_archive=True)
    everything = [one for page in source.executions() for one in page]
    assert os.stat(folder / INDEX).st_mode & 0o777 == 0o600
    lines = (folder / INDEX).read_bytes().splitlines()
    (folder / INDEX).write_bytes(b"\x00garbage\n" + b"\n".join(lines[::2]) + b"\n{half")
    described = folder / "run-00007" / "execution.json"
    value = json.loads(described.read_text())
    described.write_text(json.dumps({**value, "status": "ABORTED"}))
    os.utime(described, ns=(1, 1))
    changed = {one.name: one for page in FolderSource(folder).executions() for one in page}
    assert changed.pop("run-00007").status == "ABORTED"
    assert changed == {one.name: one for one in everything if one.name != "run-00007"}
    known = {one.key: one for one in everything}
    assert [one.name for one in source.news("", known)] == ["run-00007"]


def test_histories_without_descriptions_and_files_that_are_none(tmp_path: Path) -> None:
    events = [_iso(event) for event in Fleet(count=400).events_of(15)]
    (tmp_path / "one.json").write_text(json.dumps({"events": events}))
    (tmp_path / "broken.json").write_text('{"events": [')
    (tmp_path / "settings.json").write_text('{"a": 1}')
    (tmp_path / "wrapped.json").write_text(json.dumps({"run": {"steps": events}}))
    source = FolderSource(tmp_path)
    found = {Path(one.place).name: one for page in source.executions() for one in page}
    assert set(found) == {"one.json", "broken.json", "wrapped.json"}
    assert found["wrapped.json"].refusal.startswith("a history stands at run.steps: it is looked for in events, ")
    assert (found["one.json"].status, found["one.json"].known) == ("FAILED", Known.WHOLE)
    assert found["broken.json"].refusal
    assert {one.title for one in found.values()} == set(found), "which of many files it is"
    [[nameless]] = source.machines()
    assert (nameless.arn, nameless.name) == (NAMELESS, "")
    assert len([one for page in source.executions(NAMELESS) for one in page]) == 3
    assert source.counts(nameless).failed.number == 1
    with pytest.raises(UsageError, match="no such file"):
        source_of_folder(str(tmp_path / "gone"))
