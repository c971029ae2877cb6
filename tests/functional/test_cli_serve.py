"""`sfdebug serve` and `sfdebug exec` as programs: what they print, how they end, what becomes of their children."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sfdebug.cli.served import read_machines, read_pace
from sfdebug.errors import UsageError
from tests.api_calls import PASS
from tests.command_line import ROOT, Outcome, sfdebug, sfdebug_process
from tests.programs import LONGEST, at_terminal, heard, running

ORDER = ROOT / "samples" / "order"
CHILD = """
import boto3, json, os, sys
client = boto3.client("stepfunctions")
arns = [each["stateMachineArn"] for each in client.list_state_machines()["stateMachines"]]
execution = client.start_execution(stateMachineArn=arns[0] + "#CardDeclined", input=open(sys.argv[1]).read())
while True:
    found = client.describe_execution(executionArn=execution["executionArn"])
    if found["status"] != "RUNNING":
        break
print(json.dumps([arns, found["status"], found.get("error"), os.environ["AWS_REGION"]]))
sys.exit(7)
"""


@contextmanager
def serving(*argv: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`sfdebug serve` as a process, and the lines that it has printed when it serves."""
    command = [sys.executable, "-m", "sfdebug", "serve", *argv]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with (
        heard(signal.SIGINT),
        running(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process,
    ):
        assert process.stdout is not None
        yield process, [process.stdout.readline().rstrip("\n") for _ in range(6)]


def test_serve_prints_what_leads_clients_to_it_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "one.asl.json").write_text(PASS)
    (tmp_path / "two words.asl.yaml").write_text("StartAt: A\nStates: {A: {Type: Succeed}}")
    with serving(str(tmp_path), "--port", "0", "--region", "eu-west-3") as (process, lines):
        exported = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        assert exported["AWS_ENDPOINT_URL_SFN"].startswith("http://127.0.0.1:")
        assert exported["AWS_DISABLE_HOST_PREFIX_INJECTION"] == "true"
        assert exported["AWS_REGION"] == exported["AWS_DEFAULT_REGION"] == "eu-west-3"
        port = exported["AWS_ENDPOINT_URL_SFN"].rpartition(":")[2]
        taken = sfdebug("serve", "--port", port)
        assert (taken.code, f"nothing can listen at port {port} of 127.0.0.1" in taken.err) == (2, True)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read() if process.stderr is not None else ""
        assert process.wait() == 130
    assert f"sfdebug: serves Step Functions at http://127.0.0.1:{port}, with 2 state machines" in said
    assert "  arn:aws:states:eu-west-3:123456789012:stateMachine:one\n" in said
    assert "  arn:aws:states:eu-west-3:123456789012:stateMachine:two-words\n" in said
    assert said.endswith("sfdebug: interrupted\n")


def run_child(*options: str) -> Outcome:
    child = [sys.executable, "-c", CHILD, str(ORDER / "input.json")]
    return sfdebug_process("exec", str(ORDER), *options, "--", *child)


def test_exec_has_a_command_find_the_machines_and_ends_as_it_does() -> None:
    done = run_child("--mocks", str(ORDER / "MockConfigFile.json"))
    assert done.code == 7, done.err
    arns, status, error, region = json.loads(done.out)
    assert arns == ["arn:aws:states:eu-central-1:123456789012:stateMachine:order"]  # what its Tasks name
    assert (status, error, region) == ("FAILED", "PaymentFailed", "eu-central-1")


def test_the_manual_of_exec_says_whose_exit_code_it_ends_with() -> None:
    said = sfdebug("exec", "--help").out.partition("exit codes:")[2]
    assert said.strip().startswith("that of the command; 128 and the number of the signal where one ended it")
    assert "the execution failed" not in said


def test_exec_ends_as_a_command_that_a_signal_ended() -> None:
    command = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert sfdebug("exec", "--", sys.executable, "-c", command).code == 137


COUNTER = """
import os, signal
counted, looked_for = [], (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM)
signal.pthread_sigmask(signal.SIG_BLOCK, looked_for)  # each is waited for, and none comes in between
os.write(1, b"!")
while signal.SIGTERM not in counted:
    counted.append(signal.sigwait(looked_for))
    os.write(1, b".")
print(*(each.name for each in counted), flush=True)
os._exit(9)
"""
"""Says of each signal that it came, and at SIGTERM which ones did."""


@contextmanager
def counting(terminal: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`sfdebug exec` with that, without a terminal or with one."""
    command = [sys.executable, "-m", "sfdebug", "exec", "--", sys.executable, "-c", COUNTER]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    given = subprocess.DEVNULL
    if terminal is not None:
        given, command = terminal, at_terminal(command, 0)
    pipe = subprocess.PIPE
    with (
        heard(signal.SIGINT),
        running(command, stdin=given, stdout=pipe, env=environment, start_new_session=True) as process,
    ):
        yield process


def test_a_signal_to_exec_is_for_its_command_and_the_end_is_that_of_the_command() -> None:
    with counting() as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"!"
        for number in (signal.SIGINT, signal.SIGUSR1):
            process.send_signal(number)
            assert process.stdout.read(1) == b"."
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == b".SIGINT SIGUSR1 SIGTERM\n"
        assert process.wait() == 9


def test_ctrl_c_at_a_terminal_comes_to_the_command_once() -> None:
    ours, theirs = pty.openpty()
    with counting(theirs) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"!"
        os.write(ours, b"\x03")
        assert process.stdout.read(1) == b"."
        process.send_signal(signal.SIGUSR1)  # is passed on behind whatever was before
        assert process.stdout.read(1) == b"."
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == b".SIGINT SIGUSR1 SIGTERM\n"
        assert process.wait() == 9
    os.close(ours)
    os.close(theirs)


def test_a_command_does_not_outlive_exec() -> None:
    """Not even where that is killed."""
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(300)"
    command = [sys.executable, "-m", "sfdebug", "exec", "--", sys.executable, "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with running(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline()))
        process.kill()
        process.wait()
    assert select.select([child], [], [], LONGEST)[0], "the command has ended"
    os.close(child)


if not hasattr(os, "pidfd_open"):
    test_a_command_does_not_outlive_exec = pytest.mark.skip("no pidfd_open")(test_a_command_does_not_outlive_exec)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("exec", "x"), "there is no command to run"),
        (("exec", "--", "no-such-command-anywhere"), "no-such-command-anywhere cannot be run: No such file"),
        (("serve", "--port", "99999"), "99999 is no port"),
        (("serve", "--time", "soon"), "'soon' is no way for time to pass"),
        (("serve", "--time", "-1"), "a second of an execution cannot take -1 seconds"),
        (("serve", "--keep", "0"), "0 executions cannot be kept"),
        (("serve", "--hold"), "nobody would let a held execution go on"),
        (("serve", "--break", "Charge"), "nobody would let a held execution go on"),
        (("serve", "--watch"), "the debugger needs a terminal"),
        (("serve", "nowhere.asl.json"), "nowhere.asl.json"),
        (("serve", "--mocks", "nowhere.json"), "nowhere.json"),
        (("serve", str(ROOT / "samples" / "course")), "there is no project and no definition in it"),
    ],
)
def test_what_cannot_be_served_is_said(argv: tuple[str, ...], said: str) -> None:
    done = sfdebug(*argv)
    assert done.code == 2
    assert said in done.err


def test_a_definition_that_cannot_run_is_left_out_of_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sfdebug.cli.main import load_command

    (tmp_path / "good.asl.json").write_text(PASS)
    (tmp_path / "bad.asl.json").write_text('{"StartAt": "X", "States": {}}')
    args = load_command("serve").parser().parse_args([str(tmp_path)])
    machines, project = read_machines(args.paths, args)
    assert [machine.name for machine in machines] == ["good"]
    assert project is None
    assert "bad.asl.json is left out: it cannot be run" in capsys.readouterr().err
    assert sfdebug("serve", str(tmp_path / "bad.asl.json")).code == 3
    with pytest.raises(UsageError, match="two state machines are called good"):
        read_machines([str(tmp_path / "good.asl.json")] * 2, args)


def test_time_goes_as_it_is_told_to() -> None:
    assert (read_pace("real").scale, read_pace("virtual").scale, read_pace("0.25").scale) == (1, 0, 0.25)
