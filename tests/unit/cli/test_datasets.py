"""`--s3` and `--nested`: distributed Maps that read local files, Tasks that run other definitions."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import load_definition
from sfdebug.cli.commands import demo
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import read_nested, read_tasks
from sfdebug.cli.samples import Sample
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.simulation import simulate
from tests.command_line import Outcome, sfdebug

ECHO: dict[str, Any] = {"StartAt": "Echo", "States": {"Echo": {"Type": "Pass", "End": True}}}
CALLS_CHARGE: dict[str, Any] = {
    "StartAt": "Charge",
    "States": {"Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:charge", "End": True}},
}
PARENT: dict[str, Any] = {
    "StartAt": "Start",
    "States": {
        "Start": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "Child", "Input": {"n": 1}},
            "OutputPath": "$.Output",
            "End": True,
        }
    },
}
EACH_ROW: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "in", "Key.$": "$.key"},
            },
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **ECHO},
            "End": True,
        }
    },
}


def write(folder: Path, name: str, definition: dict[str, Any]) -> str:
    path = folder / name
    path.write_text(json.dumps(definition))
    return str(path)


def run(folder: Path, definition: dict[str, Any], *options: str) -> Outcome:
    return sfdebug("run", write(folder, "main.asl.json", definition), *options)


def test_a_map_reads_a_local_file(tmp_path: Path) -> None:
    (tmp_path / "s3" / "in").mkdir(parents=True)
    (tmp_path / "s3" / "in" / "rows.csv").write_text("id,name\n1,a\n2,b\n")
    outcome = run(tmp_path, EACH_ROW, "--s3", str(tmp_path / "s3"), "-i", '{"key": "rows.csv"}')
    assert (outcome.code, outcome.err) == (ExitCode.SUCCEEDED, "")
    assert json.loads(outcome.out) == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]


def test_a_file_that_is_not_there_fails_the_execution(tmp_path: Path) -> None:
    (tmp_path / "s3").mkdir()
    outcome = run(tmp_path, EACH_ROW, "--s3", str(tmp_path / "s3"), "-i", '{"key": "rows.csv"}')
    assert outcome.code == ExitCode.EXECUTION_FAILED
    assert "States.ItemReaderFailed" in outcome.err
    assert "There is no object rows.csv in the bucket in" in outcome.err


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    outcome = run(tmp_path, ECHO, "--s3", str(tmp_path / "nowhere"))
    assert outcome.code == ExitCode.USAGE
    assert f"--s3 {tmp_path / 'nowhere'}: there is no such folder" in outcome.err


@pytest.mark.parametrize("name", ["Child", "arn:aws:states:us-east-1:123456789012:stateMachine:Child"])
def test_a_task_runs_another_definition(tmp_path: Path, name: str) -> None:
    child = write(tmp_path, "child.asl.json", ECHO)
    parent = json.loads(json.dumps(PARENT).replace('"Child"', f'"{name}"'))
    outcome = run(tmp_path, parent, "--nested", f"{name}={child}")
    assert (outcome.code, outcome.err) == (ExitCode.SUCCEEDED, "")
    assert json.loads(outcome.out) == {"n": 1}


def test_mocks_answer_the_tasks_of_a_nested_execution(tmp_path: Path) -> None:
    child = write(tmp_path, "child.asl.json", CALLS_CHARGE)
    mocks = {
        "StateMachines": {"main": {"TestCases": {"Paid": {"Charge": "Charged"}}}},
        "MockedResponses": {"Charged": {"0": {"Return": {"paid": True}}}},
    }
    file = tmp_path / "mocks.json"
    file.write_text(json.dumps(mocks))
    outcome = run(tmp_path, PARENT, "--nested", f"Child={child}", "--mocks", str(file), "--case", "Paid")
    assert (outcome.code, outcome.err) == (ExitCode.SUCCEEDED, "")
    assert json.loads(outcome.out) == {"paid": True}


def test_a_mocked_state_that_no_definition_has_is_told(tmp_path: Path) -> None:
    child = write(tmp_path, "child.asl.json", CALLS_CHARGE)
    mocks = {
        "StateMachines": {"main": {"TestCases": {"Paid": {"Charge": "C", "Chrage": "C"}}}},
        "MockedResponses": {"C": {"0": {"Return": 1}}},
    }
    file = tmp_path / "mocks.json"
    file.write_text(json.dumps(mocks))
    outcome = run(tmp_path, PARENT, "--nested", f"Child={child}", "--mocks", str(file), "--case", "Paid")
    assert outcome.err.count("warning:") == 1
    assert "has no state 'Chrage'" in outcome.err


def test_a_nested_task_without_an_answer_is_named(tmp_path: Path) -> None:
    outcome = run(tmp_path, PARENT, "--nested", f"Child={write(tmp_path, 'child.asl.json', CALLS_CHARGE)}")
    assert outcome.code == ExitCode.USAGE
    assert "Start › Child › Charge" in outcome.err


@pytest.mark.parametrize("option", ["Child", "=file", "Child=", ""])
def test_nested_needs_a_name_and_a_file(option: str) -> None:
    with pytest.raises(UsageError, match="does not say which state machine"):
        read_nested([option])


def test_nested_takes_each_name_once_and_no_stdin(tmp_path: Path) -> None:
    file = write(tmp_path, "child.asl.json", ECHO)
    with pytest.raises(UsageError, match="'Child' is given twice"):
        read_nested([f"Child={file}", f"Child={file}"])
    with pytest.raises(UsageError, match="stdin"):
        read_nested(["Child=-"])


def test_a_nested_definition_with_errors(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError):
        read_nested([f"Child={write(tmp_path, 'bad.asl.json', {'StartAt': 'X', 'States': {}})}"])


def test_a_sample_with_datasets_reads_them(tmp_path: Path) -> None:
    (tmp_path / "s3" / "in").mkdir(parents=True)
    (tmp_path / "s3" / "in" / "rows.csv").write_text("id\n1\n")
    definition = Path(write(tmp_path, "main.asl.json", EACH_ROW))
    mocks = tmp_path / "mocks.json"
    mocks.write_text(json.dumps({"StateMachines": {"main": {"TestCases": {"Rows": {}}}}, "MockedResponses": {}}))
    sample = Sample("rows", tmp_path, "Rows", definition, tmp_path / "input.json", mocks, "Rows")
    machine = load_definition(str(definition))
    args = Namespace(input=None, case=None, ask=False)
    demo.take_answers(args, sample)
    execution = simulate(machine, {"key": "rows.csv"}, read_tasks(args, machine, 0))
    assert execution.output == [{"id": "1"}]
