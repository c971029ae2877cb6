"""What was fetched as files: names, contents, and that nothing is overwritten unasked."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sfdebug.aws.executions import ExecutionDescription, HistoryEvent, MachineDescription
from sfdebug.aws.fetching import FetchedExecution, FetchedMapRun
from sfdebug.aws.listing import MapRunDescription
from sfdebug.aws.saving import SavedFile, check_folder, file_name, files_of, save
from sfdebug.errors import UsageError

ARN = "arn:aws:states:eu-west-1:123456789012:execution:Orders:run-1"
DEFINITION = '{ "StartAt": "A" }'
EVENTS: tuple[HistoryEvent, ...] = (
    {
        "timestamp": "2025-01-01T00:00:00.050+00:00",
        "type": "ExecutionStarted",
        "id": 1,
        "previousEventId": 0,
        "executionStartedEventDetails": {"input": '{"who":"Ada"}', "roleArn": "arn:aws:iam::123456789012:role/r"},
    },
    {
        "timestamp": "2025-01-01T00:00:00.100+00:00",
        "type": "ExecutionFailed",
        "id": 2,
        "previousEventId": 1,
        "executionFailedEventDetails": {"error": "Oops", "cause": "Ada"},
    },
)


def description(name: str = "run-1", **fields: Any) -> ExecutionDescription:
    shown = {"executionArn": ARN, "name": name, "status": "FAILED", "input": '{"who":"Ada"}', "error": "Oops"} | fields
    return ExecutionDescription(
        arn=ARN,
        name=name,
        state_machine_arn="arn:aws:states:eu-west-1:123456789012:stateMachine:Orders",
        status="FAILED",
        started_at=0,
        stopped_at=1,
        input=shown["input"],
        error="Oops",
        answer={key: value for key, value in shown.items() if value is not None},
    )


def fetched(**fields: Any) -> FetchedExecution:
    machine = MachineDescription("m", "Orders", DEFINITION, "r", "STANDARD", (), "OFF", {})
    return FetchedExecution(description(**fields), EVENTS, machine)


def texts(files: tuple[SavedFile, ...]) -> dict[str, str]:
    return {file.path: file.text for file in files}


def test_the_files_of_an_execution() -> None:
    files = texts(files_of(fetched()))
    assert list(files) == ["definition.asl.json", "input.json", "history.json", "execution.json"]
    assert files["definition.asl.json"] == DEFINITION + "\n"
    assert files["input.json"] == '{"who":"Ada"}\n'
    assert json.loads(files["history.json"]) == {"events": list(EVENTS)}
    assert files["history.json"].count("\n") == 6
    assert json.loads(files["execution.json"])["status"] == "FAILED"


def test_without_input_there_is_no_input_file() -> None:
    assert "input.json" not in texts(files_of(fetched(input=None)))


def test_redacted_files_agree_with_each_other() -> None:
    files = texts(files_of(fetched(), redact=True))
    everything = "".join(files.values())
    assert "Ada" not in everything
    assert "123456789012" not in everything
    assert json.loads(files["input.json"]) == {"who": "xxx"}
    events = json.loads(files["history.json"])["events"]
    assert events[0]["executionStartedEventDetails"]["input"] == '{"who":"xxx"}'
    assert events[0]["executionStartedEventDetails"]["roleArn"] == "arn:aws:iam::000000000000:role/r"
    assert events[1]["executionFailedEventDetails"] == {"error": "Oops", "cause": "xxx"}
    assert json.loads(json.loads(files["execution.json"])["input"]) == {"who": "xxx"}


def test_the_files_of_a_map_run() -> None:
    run = MapRunDescription("m", ARN, "FAILED", 0, 1, {}, 0, None, {"status": "FAILED"})
    parent = FetchedExecution(description(), None, fetched().machine)
    children = tuple(FetchedExecution(description(name), EVENTS) for name in ("a", "A", "../b", ".."))
    express = FetchedExecution(description("e"), None)
    files = texts(files_of(FetchedMapRun(run, parent, (*children, express))))
    assert list(files)[:4] == ["definition.asl.json", "input.json", "execution.json", "map_run.json"]
    folders = [path.split("/")[1] for path in files if path.endswith("/execution.json")]
    assert folders == ["a", "A-2", ".._b", "_..", "e"]
    assert "children/e/history.json" not in files
    assert "children/a/history.json" in files


@pytest.mark.parametrize(
    ("name", "expected"),
    [("run-1", "run-1"), ("..", "_.."), ("", "_"), ("a/b\\c:d", "a_b_c_d"), ("x" * 300, "x" * 200), ("é\x00", "é_")],
)
def test_names_are_never_paths(name: str, expected: str) -> None:
    assert file_name(name) == expected


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    files = files_of(fetched())
    assert [path.name for path in save(files, folder)] == [file.path for file in files]
    (folder / "input.json").write_text("mine")
    (folder / "history.json").unlink()
    with pytest.raises(UsageError, match=r"definition\.asl\.json, input\.json, execution\.json would be overwritten"):
        save(files, folder)
    assert (folder / "input.json").read_text() == "mine"
    assert not (folder / "history.json").exists()
    save(files, folder, force=True)
    assert (folder / "input.json").read_text() == '{"who":"Ada"}\n'


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(UsageError, match="this is a file, and a folder is needed"):
        check_folder(tmp_path / "run", ())
    with pytest.raises(UsageError, match="cannot be written"):
        save(files_of(fetched()), tmp_path / "run" / "deeper", force=True)


def test_half_a_surrogate_pair_is_written_as_jsons_escape(tmp_path: Path) -> None:
    value = '{"who":"\ud83d"}'
    save(files_of(fetched(input=value)), tmp_path)
    assert json.loads((tmp_path / "input.json").read_text()) == {"who": "\ud83d"}
    assert json.loads(json.loads((tmp_path / "execution.json").read_text())["input"]) == {"who": "\ud83d"}


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (made,) = save([SavedFile("a.json", "1")], tmp_path)
        assert made.stat().st_mode & 0o777 == 0o600
        made.chmod(0o644)
        save([SavedFile("a.json", "2")], tmp_path, force=True)
    finally:
        os.umask(before)
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.read_text(encoding="utf-8") == "2"
