"""The command line's front door: help, usage errors, which command is meant."""

from __future__ import annotations

import re
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any
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
NUMBERS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@ENDS
@NUMBERS
def test_an_end_that_is_lost_is_asked_for_again(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a module in C that imports another one, and goes on without it whatever the reason."""

    def swallowing(argv: list[str]) -> int:
        for _ in range(2):
            with suppress(cli.Ended, KeyboardInterrupt):
                signal.raise_signal(number)
        assert not threading.Event().wait(LONGEST), "it waits, and is ended"
        return 0

    monkeypatch.setattr(cli, "_LOST", 0.001)
    monkeypatch.setattr(cli, "_dispatch", swallowing)
    looked_at = (number, signal.SIGALRM)
    before = [signal.getsignal(each) for each in looked_at]
    assert cli.main([]) == code
    assert [signal.getsignal(each) for each in looked_at] == before


@ENDS
@NUMBERS
def test_what_is_done_for_an_end_is_done_in_peace(
    number: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def closing(argv: list[str]) -> int:
        try:
            signal.raise_signal(number)
        finally:
            with suppress(KeyError):
                dict[str, int]()["a fault on the way"]
            until(lambda: signal.getitimer(signal.ITIMER_REAL)[0] == 0)
            done.append("closed")
        return 0

    monkeypatch.setattr(cli, "_LOST", 0.001)
    monkeypatch.setattr(cli, "_dispatch", closing)
    assert cli.main([]) == code
    assert done == ["closed"]


@pytest.mark.parametrize("usual", [signal.default_int_handler, signal.SIG_IGN])
def test_ctrl_c_ends_the_program_also_before_it_looks_after_signals(
    usual: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for one that is ignored, as in the background of a shell."""
    seen: list[Any] = []

    def dispatch(argv: list[str]) -> int:
        seen.append(signal.getsignal(signal.SIGINT))
        signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setattr(cli, "_dispatch", dispatch)
    monkeypatch.delitem(sys.modules, "sfdebug.__main__", raising=False)
    before = signal.signal(signal.SIGINT, usual)
    try:
        import_module("sfdebug.__main__")
        seen.append(signal.getsignal(signal.SIGINT))
        code = cli.main([])
    finally:
        signal.signal(signal.SIGINT, before)
    if usual is signal.SIG_IGN:
        assert (seen, code) == ([signal.SIG_IGN, signal.SIG_IGN], 0)
    else:
        assert seen[0] is signal.SIG_DFL
        assert callable(seen[1])
        assert code == 130


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
