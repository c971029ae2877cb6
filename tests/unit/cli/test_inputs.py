"""`--input`, `--mocks` and `--case`: what they accept, and what they say when they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sfdebug.cli.exit_codes import ExitCode
from tests.command_line import sfdebug

PASS = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
TASK = (
    '{"StartAt": "Charge", "States": {"Charge": {"Type": "Task",'
    ' "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": true}}}'
)
MOCKS = {
    "StateMachines": {"Shop": {"TestCases": {"Fine": {"Charge": "Charged"}}}},
    "MockedResponses": {"Charged": {"0": {"Return": {"paid": True}}}},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a definition of one Pass, one of one Task, and a mock file for it."""
    (tmp_path / "pass.json").write_text(PASS)
    (tmp_path / "task.json").write_text(TASK)
    (tmp_path / "mocks.json").write_text(json.dumps(MOCKS))
    (tmp_path / "input.json").write_text('\ufeff{"ä": [1, 2.50, null]}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("argv", "stdin", "output"),
    [
        ([], "", {}),
        (["--input", '{"a": 1}'], "", {"a": 1}),
        (["--input=null"], "", None),
        (["-i", "@input.json"], "", {"ä": [1, 2.5, None]}),
        (["-i", "-"], '["from", "stdin"]', ["from", "stdin"]),
    ],
)
def test_input(argv: list[str], stdin: str, output: object) -> None:
    outcome = sfdebug("run", "pass.json", *argv, stdin=stdin)
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["-i", "{'a': 1}"], "--input:1:2: error:"),
        (["-i", '{"a": 1,\n "b" 2}'], "--input:2:"),
        (["-i", ""], "the input is empty"),
        (["-i", "input.json"], "To read the file: --input @input.json"),
        (["-i", "@none.json"], "none.json: the input cannot be read: No such file or directory"),
        (["-i", "@."], "the input cannot be read: Is a directory"),
        (["-i", "@bad\0name"], "the input cannot be read"),
        (["-i", "${input}"], "--input:1:1"),
        (["-i", json.dumps("x" * 262_143)], "the input has 262,145 bytes, and AWS accepts no more than 262,144"),
    ],
)
def test_inputs_that_cannot_be_used(argv: list[str], words: str) -> None:
    outcome = sfdebug("run", "pass.json", *argv)
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert words in outcome.err


def test_the_largest_input_is_accepted(folder: Path) -> None:
    text = json.dumps("x" * 262_142)
    (folder / "large.json").write_text(text)
    assert sfdebug("run", "pass.json", "-i", "@large.json").code == 0


def test_bytes_that_are_no_text(folder: Path) -> None:
    (folder / "bad.json").write_bytes(b'"\xff"')
    outcome = sfdebug("run", "pass.json", "-i", "@bad.json")
    assert "bad.json: byte 1 is not UTF-8" in outcome.err
    assert sfdebug("run", "pass.json", "-i", "-", stdin=b"\xfe").code == ExitCode.USAGE


@pytest.mark.usefixtures("folder")
def test_stdin_is_read_once() -> None:
    outcome = sfdebug("run", "-", "--input", "-", stdin=PASS)
    assert outcome.code == ExitCode.USAGE
    assert "cannot both be read from stdin" in outcome.err
    assert sfdebug("run", "-", "-i", "7", stdin=PASS).out == "7\n"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("case", [[], ["--case", "Fine"], ["-c", "Shop#Fine"]])
def test_mocks(case: list[str]) -> None:
    outcome = sfdebug("run", "task.json", "--mocks", "mocks.json", *case)
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == {"paid": True}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--case", "Fine"], "--case needs --mocks"),
        (["-m", "none.json", "-c", "Fine"], "none.json: the mock file cannot be read: No such file"),
        (["-m", "mocks.json", "-c", "fine"], "Did you mean 'Fine'?"),
        (["-m", "mocks.json", "-c", "Shap#Fine"], "Did you mean 'Shop'?"),
        (["-m", "pass.json", "-c", "Fine"], "pass.json:1:"),
    ],
)
def test_mocks_that_cannot_be_used(argv: list[str], words: str) -> None:
    outcome = sfdebug("run", "task.json", *argv)
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert words in outcome.err


def test_several_cases_need_a_name(folder: Path) -> None:
    mocks = {**MOCKS, "StateMachines": {"Shop": {"TestCases": {"A": {}, "B": {}}}}}
    (folder / "mocks.json").write_text(json.dumps(mocks))
    outcome = sfdebug("run", "task.json", "-m", "mocks.json")
    assert outcome.code == ExitCode.USAGE
    assert "mocks.json: --mocks needs --case" in outcome.err
    assert "A, B" in outcome.err


def test_a_state_that_does_not_exist_is_a_warning(folder: Path) -> None:
    mocks = {**MOCKS, "StateMachines": {"Shop": {"TestCases": {"Fine": {"Charge": "Charged", "charge": "Charged"}}}}}
    (folder / "mocks.json").write_text(json.dumps(mocks, indent=2))
    outcome = sfdebug("run", "task.json", "-m", "mocks.json")
    assert outcome.code == 0
    assert "mocks.json:" in outcome.err
    assert "warning: the definition task.json has no state 'charge'" in outcome.err
    assert "Did you mean 'Charge'?" in outcome.err
