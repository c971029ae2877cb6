"""`sfdebug run` as a program: streams, exit codes, history, signals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.exit_codes import ExitCode
from tests.command_line import ROOT, sfdebug, sfdebug_process
from tests.programs import LONGEST

ORDER = (
    "samples/order/order.asl.json",
    "--input",
    "@samples/order/input.json",
    "--mocks",
    "samples/order/MockConfigFile.json",
    "--case",
)


START = ("--start-time", "2025-01-01T00:00:00Z")


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def write(folder: Path, states: dict[str, Any], **fields: Any) -> str:
    """A definition file with these states, starting at the first."""
    path = folder / "machine.asl.json"
    path.write_text(json.dumps({"StartAt": next(iter(states)), "States": states, **fields}))
    return str(path)


def test_success() -> None:
    outcome = sfdebug_process("run", *ORDER, "HappyPath")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == {"orderId": "A-1001", "status": "SHIPPED", "trackingNumber": "NO-77120934"}


def test_failure() -> None:
    outcome = sfdebug_process("run", *ORDER, "CardDeclined")
    assert (outcome.code, outcome.out) == (ExitCode.EXECUTION_FAILED, "")
    assert outcome.err.splitlines() == [
        "samples/order/order.asl.json: execution FAILED in 'Payment failed'",
        "  error: PaymentFailed",
        "  cause: CardDeclined: insufficient funds",
        "  caught: CardDeclined in 'Charge card', then 'Tell: card declined': insufficient funds",
    ]


def test_json_of_a_success() -> None:
    outcome = sfdebug("run", *ORDER, "PaymentBusy", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    result = json.loads(outcome.out)
    assert result["input"]["orderId"] == "A-1001"
    assert {key: value for key, value in result.items() if key != "input"} == {
        "status": "SUCCEEDED",
        "output": {"orderId": "A-1001", "status": "SHIPPED", "trackingNumber": "NO-77120934"},
        "definition": "samples/order/order.asl.json",
        "type": "STANDARD",
        "transitions": 8,
        "events": 42,
        "virtualSeconds": 6,
    }


def test_json_of_a_failure() -> None:
    outcome = sfdebug("run", *ORDER, "CardDeclined", "--json")
    assert (outcome.code, outcome.err) == (ExitCode.EXECUTION_FAILED, "")
    result = json.loads(outcome.out)
    assert result["status"] == "FAILED"
    assert "output" not in result
    assert (result["error"], result["cause"]) == ("PaymentFailed", "CardDeclined: insufficient funds")
    assert result["failedState"] == "Payment failed"


def test_output_null_is_an_output(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "Result": None, "End": True}})
    assert sfdebug("run", file).out == "null\n"
    assert json.loads(sfdebug("run", file, "--json").out)["output"] is None


def test_text_that_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "End": True}})
    assert sfdebug_process("run", file, "-i", '"ä"', PYTHONIOENCODING="utf-8").out == '"ä"\n'
    outcome = sfdebug_process("run", file, "-i", '"ä"', PYTHONIOENCODING="ascii")
    assert (outcome.code, outcome.out) == (0, '"\\u00e4"\n')


def test_history(tmp_path: Path) -> None:
    out = tmp_path / "events.json"
    outcome = sfdebug("run", *ORDER, "HappyPath", *START, "--history", str(out))
    assert outcome.code == 0
    events = json.loads(out.read_text())["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "ExecutionStarted"
    assert events[-1]["type"] == "ExecutionSucceeded"
    assert json.loads(events[-1]["executionSucceededEventDetails"]["output"]) == json.loads(outcome.out)
    again = sfdebug("run", *ORDER, "HappyPath", *START, "--history", "-")
    assert json.loads(again.out) == {"events": events}


def test_a_run_that_is_explained() -> None:
    outcome = sfdebug("run", *ORDER, "CardDeclined", "--explain")
    assert outcome.code == ExitCode.EXECUTION_FAILED
    assert "error: PaymentFailed" in outcome.err
    assert outcome.out.startswith("Tell: order received (Task)\n  Input\n    ")
    assert "    Catcher 1 takes CardDeclined, puts the error at `$.problem` and goes to" in outcome.out
    assert outcome.out.endswith("\nThe execution failed with PaymentFailed: CardDeclined: insufficient funds.\n")
    both = sfdebug("run", *ORDER, "CardDeclined", "--explain", "--json")
    assert (both.code, both.out) == (ExitCode.USAGE, "")
    assert "--explain and --json would both print to stdout" in both.err


def test_history_of_a_failure_is_written_too(tmp_path: Path) -> None:
    out = tmp_path / "events.json"
    assert sfdebug("run", *ORDER, "CardDeclined", "--history", str(out)).code == ExitCode.EXECUTION_FAILED
    assert json.loads(out.read_text())["events"][-1]["type"] == "ExecutionFailed"
    outcome = sfdebug("run", *ORDER, "CardDeclined", "--history", "-")
    assert json.loads(outcome.out)["events"]
    assert "error: PaymentFailed" in outcome.err


def test_history_that_cannot_be_written(tmp_path: Path) -> None:
    outcome = sfdebug("run", *ORDER, "HappyPath", "--history", str(tmp_path / "none" / "x.json"))
    assert outcome.code == ExitCode.USAGE
    assert "the history cannot be written: No such file or directory" in outcome.err
    outcome = sfdebug("run", *ORDER, "HappyPath", "--history", "-", "--json")
    assert outcome.code == ExitCode.USAGE
    assert "would both print to stdout" in outcome.err


def test_invalid_definition(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "Next": "C"}, "B": {"Type": "Chioce"}})
    outcome = sfdebug("run", file)
    assert (outcome.code, outcome.out) == (ExitCode.INVALID_DEFINITION, "")
    assert f"{file}:1:" in outcome.err
    assert "^" in outcome.err
    assert outcome.err.count(": error: ") >= 2


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"[]", b"{", b"\0", b"StartAt: [", b"- 1\n- 2", b"null"])
def test_definitions_of_any_bytes_are_refused_politely(data: bytes) -> None:
    outcome = sfdebug("run", "-", stdin=data)
    assert (outcome.code, outcome.out) == (ExitCode.INVALID_DEFINITION, "")
    assert "<stdin>" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("file", ["none.asl.json", "samples", "bad\0name"])
def test_definition_that_cannot_be_read(file: str) -> None:
    outcome = sfdebug("run", file)
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert file.replace("\0", "\\u0000") in outcome.err


def test_unsupported_definition(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Wait", "Seconds": "${Delay}", "End": True}})
    outcome = sfdebug("run", file)
    assert (outcome.code, outcome.out) == (ExitCode.INVALID_DEFINITION, "")
    assert "${Delay}" in outcome.err


def test_a_jsonata_definition(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "Output": "{% 6 * 7 %}", "End": True}}, QueryLanguage="JSONata")
    outcome = sfdebug("run", file)
    assert (outcome.code, outcome.out) == (ExitCode.SUCCEEDED, "42\n")


def test_task_that_nobody_answers() -> None:
    outcome = sfdebug("run", "samples/order/order.asl.json", "-i", "@samples/order/input.json")
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    for part in (
        "'Tell: order received' asks for a result",
        "arn:aws:states:::sqs:sendMessage",
        "--mocks",
        "FunctionTasks",
        "the debugger",
    ):
        assert part in outcome.err


def test_express_and_seed(tmp_path: Path) -> None:
    states = {"A": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()", "arn.$": "$$.Execution.Id"}, "End": True}}
    file = write(tmp_path, states)
    first = json.loads(sfdebug("run", file, *START).out)
    assert json.loads(sfdebug("run", file, *START).out) == first
    assert json.loads(sfdebug("run", file, *START, "--seed", "7").out)["id"] != first["id"]
    assert ":execution:" in first["arn"]
    assert ":express:" in json.loads(sfdebug("run", file, "--type", "EXPRESS").out)["arn"]


def test_an_endless_loop_ends(tmp_path: Path) -> None:
    ends = {"Variable": "$.stop", "IsPresent": True, "Next": "C"}
    states = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [ends], "Default": "A"},
        "C": {"Type": "Succeed"},
    }
    file = write(tmp_path, states)
    outcome = sfdebug("run", file, "--type", "EXPRESS", "--max-transitions", "50")
    assert (outcome.code, outcome.out) == (ExitCode.EXECUTION_FAILED, "")
    assert "has entered 51 states and is not over" in outcome.err


def test_waiting_takes_no_time(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Wait", "Seconds": 86_400, "End": True}})
    assert json.loads(sfdebug("run", file, "--json").out)["virtualSeconds"] == 86_400


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "End": True}})
    big = tmp_path / "big.json"
    big.write_text(json.dumps(["x" * 100] * 2000))
    command = f"'{sys.executable}' -m sfdebug run '{file}' -i '@{big}' | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=LONGEST)
    assert done.stdout == "[\n"
    assert done.stderr == ""
    assert done.returncode == 0


def test_interrupting_a_run() -> None:
    # The signal is sent while the definition is being loaded: a moment that needs no waiting for.
    program = (
        "import os, signal, sys\n"
        "import sfdebug.asl.load as load\n"
        "from sfdebug.cli.main import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored where the tests run in the background
        "def interrupted(path):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    raise AssertionError('the signal did not arrive')\n"
        "load.load_definition = interrupted\n"
        "sys.exit(main(['run', 'samples/polling/polling.asl.json']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=LONGEST)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.INTERRUPTED, "", "sfdebug: interrupted\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "options", ["run {file}", "run {file} --json", "run {file} --history -", "--help", "--version"]
)
def test_a_full_disk_is_told(tmp_path: Path, options: str) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "End": True}})
    command = f"'{sys.executable}' -m sfdebug {options.format(file=file)} > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=LONGEST)
    assert done.stderr == "sfdebug: stdout: the output cannot be written: No space left on device\n"
    assert done.returncode == ExitCode.USAGE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_history_on_a_full_disk(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "End": True}})
    outcome = sfdebug("run", file, "--history", "/dev/full")
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert "/dev/full: the history cannot be written: No space left on device" in outcome.err


def test_files_of_a_run_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
    file = write(tmp_path, {"A": {"Type": "Pass", "Next": "B"}, "B": task})
    history, log = tmp_path / "events.json", tmp_path / "log.json"
    asked = ("run", file, "--type", "EXPRESS", "--history", str(history), "--log", str(log))
    history.write_text("before")
    assert sfdebug(*asked).code == ExitCode.USAGE, "nobody answers B"
    assert (history.read_text(), log.exists()) == ("before", False)
    mocks = tmp_path / "mocks.json"
    cases = {"StateMachines": {"m": {"TestCases": {"Ok": {"B": "R"}}}}, "MockedResponses": {"R": {"0": {"Return": 1}}}}
    mocks.write_text(json.dumps(cases))
    assert sfdebug(*asked, "--mocks", str(mocks)).code == 0
    assert json.loads(history.read_text())["events"][-1]["type"] == "ExecutionSucceeded"
    assert log.read_text()
    assert not list(tmp_path.glob(".*")), "nothing is left beside them"


def test_a_run_that_is_given_up_still_reports_what_there_is(tmp_path: Path) -> None:
    ends = {"Variable": "$.stop", "IsPresent": True, "Next": "C"}
    states = {"A": {"Type": "Choice", "Choices": [ends], "Default": "A"}, "C": {"Type": "Succeed"}}
    file, out = write(tmp_path, states), tmp_path / "events.json"
    outcome = sfdebug("run", file, "--max-transitions", "5", "--json", "--history", str(out))
    assert outcome.code == ExitCode.EXECUTION_FAILED
    assert "has entered 6 states and is not over" in outcome.err
    result = json.loads(outcome.out)
    assert (result["status"], result["transitions"]) == ("RUNNING", 6)
    assert len(json.loads(out.read_text())["events"]) == result["events"]
    outcome = sfdebug("run", file, "--max-transitions", "5", "--history", "-")
    assert len(json.loads(outcome.out)["events"]) == result["events"]


def test_start_time(tmp_path: Path) -> None:
    until = {"Type": "Wait", "Timestamp": "2026-12-01T00:00:00Z", "Next": "B"}
    stamp = {"Type": "Pass", "Parameters": {"at.$": "$$.Execution.StartTime"}, "End": True}
    file = write(tmp_path, {"A": until, "B": stamp})
    outcome = sfdebug("run", file, "--start-time", "2026-11-30T01:00:00+01:00", "--json")
    result = json.loads(outcome.out)
    assert result["output"] == {"at": "2026-11-30T00:00:00.000Z"}
    assert result["virtualSeconds"] == 86_400
    outcome = sfdebug("run", file, "--start-time", "tomorrow")
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert "2025-01-01T00:00:00Z" in outcome.err


@pytest.mark.parametrize("options", [(), ("--start-time", "now")])
def test_the_real_clock_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sfdebug.cli.inputs.time.time_ns", lambda: 86_400_000_000_000)
    file = write(tmp_path, {"B": {"Type": "Pass", "Parameters": {"at.$": "$$.Execution.StartTime"}, "End": True}})
    assert json.loads(sfdebug("run", file, *options).out) == {"at": "1970-01-02T00:00:00.000Z"}
