"""`sfdebug test-state`: flags as those of AWS's command line, and what it prints and ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import sfdebug

PASS = '{"Type": "Pass", "Result": {"é": 1}, "End": true}'
TASK = '{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true}'
FAILING = '{"errorOutput": {"error": "Broken"}}'


def test_it_prints_the_response() -> None:
    outcome = sfdebug("test-state", "--definition", PASS)
    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.out == '{\n    "output": "{\\"é\\":1}",\n    "status": "SUCCEEDED"\n}\n'


def test_all_flags(tmp_path: Path) -> None:
    machine = {
        "StartAt": "Charge",
        "States": {
            "Charge": {
                **json.loads(TASK),
                "Parameters": {"n.$": "$n", "of.$": "$$.Execution.Name"},
                "Retry": [{"ErrorEquals": ["Broken"], "IntervalSeconds": 4}],
            }
        },
    }
    (tmp_path / "machine.json").write_text(json.dumps(machine))
    (tmp_path / "input.json").write_text('{"a": 1}')
    (tmp_path / "mock.json").write_text(FAILING)
    outcome = sfdebug(
        "test-state",
        *("--definition", f"file://{tmp_path / 'machine.json'}"),
        *("--state-name", "Charge"),
        *("--input", f"file://{tmp_path / 'input.json'}"),
        *("--variables", '{"n": 7}'),
        *("--context", '{"Execution": {"Name": "mine"}}'),
        *("--mock", f"file://{tmp_path / 'mock.json'}"),
        *("--state-configuration", '{"retrierRetryCount": 1}'),
        *("--inspection-level", "TRACE"),
        *("--role-arn", "arn:aws:iam::123456789012:role/test"),
        "--no-reveal-secrets",
    )
    assert outcome.code == 1
    response = json.loads(outcome.out)
    assert response["status"] == "RETRIABLE"
    data = response["inspectionData"]
    assert json.loads(data["input"]) == {"a": 1}
    assert json.loads(data["afterParameters"]) == {"n": 7, "of": "mine"}
    assert data["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": 8}


def test_the_clock_is_the_real_one() -> None:
    state = '{"Type": "Pass", "Parameters": {"now.$": "$$.State.EnteredTime"}, "End": true}'
    response = json.loads(sfdebug("test-state", "--definition", state).out)
    assert json.loads(response["output"])["now"] > "2025-01-02"


def test_a_definition_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "state.yaml"
    path.write_text("Type: Succeed\n")
    assert sfdebug("test-state", "--definition", f"file://{path}").code == 0


@pytest.mark.parametrize(
    ("mock", "catch", "code"), [(FAILING, False, 1), (FAILING, True, 0), ('{"result": "1"}', False, 0)]
)
def test_exit_codes_say_how_it_went(mock: str, catch: bool, code: int) -> None:
    catchers = [{"ErrorEquals": ["States.ALL"], "Next": "Fix"}] if catch else []
    state = json.dumps({**json.loads(TASK), **({"Catch": catchers} if catch else {})})
    assert sfdebug("test-state", "--definition", state, "--mock", mock).code == code


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (
            ("--definition", TASK),
            2,
            "An error occurred (ValidationException) when calling the TestState operation: "
            "RoleArn must be specified when testing a Task state\n",
        ),
        (
            ("--definition", PASS, "--mock", FAILING, "--reveal-secrets"),
            2,
            "An error occurred (ValidationException) when calling the TestState operation: "
            "TestState does not support RevealSecrets when a mock is specified.\n",
        ),
        (("--definition", '{"Type": "Pass"}'), 3, "An error occurred (InvalidDefinition) when calling the TestState"),
        (("--definition", "nonsense"), 3, "An error occurred (InvalidDefinition) when calling the TestState"),
        (("--definition", PASS, "--input", "{"), 2, "An error occurred (InvalidExecutionInput) when calling"),
        (("--definition", PASS, "--inspection-level", "ALL"), 2, "[INFO, DEBUG, TRACE]"),
        (("--definition", TASK, "--role-arn", "arn:aws:iam::1:role/r"), 2, "Give the request a mock"),
        (("--definition", TASK, "--mock", "{"), 2, "--mock: this is not JSON"),
        (("--definition", TASK, "--mock", "[]"), 2, "--mock: this is JSON, and no object"),
        (("--definition", TASK, "--mock", '{"results": "1"}'), 2, 'Unknown parameter in mock: "results"'),
        (("--definition", PASS, "--state-configuration", "1"), 2, "--state-configuration: this is JSON, and no object"),
        (("--definition", "file://no/such/file"), 2, "no/such/file: the definition cannot be read"),
        (("--definition", PASS, "--input", "file://no/such/file"), 2, "no/such/file: --input cannot be read"),
        ((), 2, "--definition"),
    ],
)
def test_errors_are_on_stderr(argv: tuple[str, ...], code: int, message: str) -> None:
    outcome = sfdebug("test-state", *argv)
    assert outcome.code == code
    assert outcome.out == ""
    assert message in outcome.err


def test_a_file_without_its_scheme_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(PASS)
    outcome = sfdebug("test-state", "--definition", str(path))
    assert outcome.code == 2
    assert f"file://{path}" in outcome.err


def test_help_tells_of_every_flag() -> None:
    outcome = sfdebug("test-state", "--help")
    assert outcome.code == 0
    for flag in ("definition", "state-name", "input", "variables", "context", "mock", "state-configuration"):
        assert f"--{flag} " in outcome.out
    assert "test-state" in sfdebug("--help").out
