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

ORDER = (
    "samples/order/order.asl.json",
    "--input",
    "@samples/order/input.json",
    "--mocks",
    "samples/order/MockConfigFile.json",
    "--case",
)


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
    outcome = sfdebug("run", *ORDER, "HappyPath", "--history", str(out))
    assert outcome.code == 0
    events = json.loads(out.read_text())["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "ExecutionStarted"
    assert events[-1]["type"] == "ExecutionSucceeded"
    assert json.loads(events[-1]["executionSucceededEventDetails"]["output"]) == json.loads(outcome.out)
    again = sfdebug("run", *ORDER, "HappyPath", "--history", "-")
    assert json.loads(again.out) == {"events": events}


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
    assert (outcome.code, outcome.out) == (ExitCode.INVALID_DEFINITION, "")
    assert outcome.err.strip()


def test_unsupported_definition(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": {"Type": "Pass", "Output": "{% 1 %}", "End": True}}, QueryLanguage="JSONata")
    outcome = sfdebug("run", file)
    assert (outcome.code, outcome.out) == (ExitCode.INVALID_DEFINITION, "")
    assert "JSONata" in outcome.err


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
    first = json.loads(sfdebug("run", file).out)
    assert json.loads(sfdebug("run", file).out) == first
    assert json.loads(sfdebug("run", file, "--seed", "7").out)["id"] != first["id"]
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
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "[\n"
    assert done.stderr == ""
    assert done.returncode == 0


def test_interrupting_a_run() -> None:
    # The signal is sent while the definition is being loaded: a moment that needs no waiting for.
    program = (
        "import os, signal, sys\n"
        "import sfdebug.asl.load as load\n"
        "from sfdebug.cli.main import main\n"
        "def interrupted(path):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    raise AssertionError('the signal did not arrive')\n"
        "load.load_definition = interrupted\n"
        "sys.exit(main(['run', 'samples/polling/polling.asl.json']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.INTERRUPTED, "", "sfdebug: interrupted\n")
