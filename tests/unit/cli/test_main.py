"""The command line's front door: help, usage errors, which command is meant."""

from __future__ import annotations

import re
import signal
import threading
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from sfdebug import __version__
from sfdebug.cli import main as cli
from sfdebug.cli.commands.debug import COMMAND as DEBUG
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.main import COMMANDS, load_command, main
from tests.command_line import ROOT, sfdebug
from tests.programs import LONGEST, until


def test_version() -> None:
    outcome = sfdebug("--version")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"sfdebug {__version__}\n", "")


def test_help_is_a_manual() -> None:
    outcome = sfdebug("--help")
    assert outcome.code == 0
    assert outcome.err == ""
    for part in ("usage: sfdebug FILE", "commands:", "examples:", "exit codes:", *COMMANDS):
        assert part in outcome.out
    for code in ExitCode:
        assert re.search(rf"^  {int(code)} ", outcome.out, flags=re.MULTILINE)
    assert "{" not in outcome.out.replace("(default: {})", "").replace("'{\"total\": 42.5}'", "").replace(
        "{dark,light,contrast,terminal}", ""
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_manual_with_examples(command: str) -> None:
    outcome = sfdebug(command, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"usage: sfdebug {command}")
    assert "examples:" in outcome.out or command == "completion"
    assert load_command(command).summary in sfdebug("--help").out


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_wide_terminal(command: str) -> None:
    text = load_command(command).parser().format_help()
    assert max(map(len, text.splitlines())) <= 112


def test_no_arguments_says_what_to_type() -> None:
    outcome = sfdebug()
    assert outcome.code == ExitCode.USAGE
    assert outcome.out == ""
    assert "sfdebug demo" in outcome.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["run"], "the following arguments are required: FILE"),
        (["--colour"], "unrecognized arguments: --colour"),
        (["run", "x.json", "--type", "FAST"], "invalid choice: 'FAST'"),
        (["completion", "tcsh"], "invalid choice: 'tcsh'"),
        (["run", "x.json", "--seed", "many"], "invalid int value: 'many'"),
        (["x.json", "--js"], "unrecognized arguments: --js"),
    ],
)
def test_usage_errors(argv: list[str], words: str) -> None:
    outcome = sfdebug(*argv)
    assert outcome.code == ExitCode.USAGE
    assert outcome.out == ""
    assert words in outcome.err
    assert "--help" in outcome.err


def test_a_command_given_too_late_is_pointed_out() -> None:
    outcome = sfdebug("--ascii", "demo")
    assert outcome.code == ExitCode.USAGE
    assert "The command comes first: sfdebug demo" in outcome.err


def test_a_misspelt_command_is_recognised() -> None:
    outcome = sfdebug("rum", "-i", "{}")
    assert outcome.code == ExitCode.USAGE
    assert "Did you mean: sfdebug run" in outcome.err


def test_what_is_neither_a_file_nor_a_command_gets_the_list() -> None:
    outcome = sfdebug("bogus")
    assert outcome.code == ExitCode.USAGE
    assert "there is no file and no command 'bogus'" in outcome.err
    assert f"The commands are: {', '.join(COMMANDS)}." in outcome.err


def test_check_counts_states_and_goes_on_after_a_missing_file(tmp_path: Path) -> None:
    file = tmp_path / "one.asl.json"
    file.write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    outcome = sfdebug("check", str(tmp_path / "none.json"), str(file))
    assert outcome.code == ExitCode.USAGE
    assert "none.json: there is no such file" in outcome.err
    assert outcome.err.endswith("one.asl.json: 1 state, no problems\n")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["demo", "--case", "Nothing"], "there is no test case 'Nothing'"),
        (["demo", "--start-time", "noon"], "--start-time: 'noon' is not a time"),
        (["demo", "--input", "{"], "--input:1:"),
        (["samples/order/order.asl.json", "--case", "X"], "--case needs --mocks"),
        (["samples/order/order.asl.json", "--start-time", "2025-01-01T00:00:00"], "is not a time"),
    ],
)
def test_arguments_are_checked_before_the_terminal(
    argv: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    outcome = sfdebug(*argv)
    assert outcome.code == ExitCode.USAGE
    assert words in outcome.err
    assert "terminal" not in outcome.err


def test_a_file_called_like_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    monkeypatch.chdir(tmp_path)
    assert sfdebug("run", "./run").out == "{}\n"
    outcome = sfdebug("./run")
    assert "the debugger needs a terminal" in outcome.err


def test_interruption_has_its_own_exit_code() -> None:
    with patch.object(type(DEBUG), "parser", side_effect=KeyboardInterrupt):
        outcome = sfdebug("x.json")
    assert outcome.code == 130
    assert outcome.err == "sfdebug: interrupted\n"


ENDS = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such signals here")


@ENDS
def test_an_end_that_is_lost_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a module in C that imports another one, and goes on without it whatever the reason."""

    def swallowing(argv: list[str]) -> int:
        for _ in range(2):
            with suppress(cli.Ended):
                signal.raise_signal(signal.SIGTERM)
        assert not threading.Event().wait(LONGEST), "it waits, and is ended"
        return 0

    monkeypatch.setattr(cli, "_LOST", 0.001)
    monkeypatch.setattr(cli, "_dispatch", swallowing)
    before = signal.getsignal(signal.SIGALRM)
    assert cli.main([]) == 143
    assert signal.getsignal(signal.SIGALRM) is before


@ENDS
def test_what_is_done_for_an_end_is_done_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def closing(argv: list[str]) -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            with suppress(KeyError):
                dict[str, int]()["a fault on the way"]
            until(lambda: signal.getitimer(signal.ITIMER_REAL)[0] == 0)
            done.append("closed")
        return 0

    monkeypatch.setattr(cli, "_LOST", 0.001)
    monkeypatch.setattr(cli, "_dispatch", closing)
    assert cli.main([]) == 143
    assert done == ["closed"]


def test_arguments_default_to_the_process_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    with patch("sys.argv", ["sfdebug", "--version"]):
        assert main() == 0
    assert capsys.readouterr().out == f"sfdebug {__version__}\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        *((name, 141) for name in ("verify", "coverage", "merge", "diff", "test", "lint", "check", "policy")),
        ("graph", 0),
        ("run", 0),
    ],
)
def test_a_verdict_that_nobody_reads_is_none(command: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(argv: list[str]) -> ExitCode:
        raise BrokenPipeError

    monkeypatch.setattr("sfdebug.cli.main._dispatch", broken)
    monkeypatch.setattr("sfdebug.cli.main.give_up_stdout", lambda: None)
    assert main([command, "x"]) == code
