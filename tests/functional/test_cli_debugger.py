"""Opening the debugger from the command line: in a real terminal, and what is said when there is none."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType

import pytest

from sfdebug.cli.exit_codes import ExitCode
from tests.aws_fleet import Fleet
from tests.command_line import ROOT, sfdebug, sfdebug_process
from tests.programs import LONGEST, at_terminal

POLLING = "samples/polling/polling.asl.json"
PLACEHOLDER = """{"StartAt": "Later", "States": {"Later": {"Type": "Wait", "Seconds": "${Delay}", "End": true}}}"""


class Terminal:
    """A pseudo-terminal with `sfdebug` in it."""

    def __init__(self, *argv: str, piped: str | None = None, term: str = "xterm-256color") -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        read_end = slave
        if piped is not None:
            read_end, write_end = os.pipe()
            os.write(write_end, piped.encode())
            os.close(write_end)

        self._process = subprocess.Popen(
            at_terminal([sys.executable, "-m", "sfdebug", *argv], 1),
            stdin=read_end,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**os.environ, "TERM": term},
            start_new_session=True,
        )
        os.close(slave)
        if piped is not None:
            os.close(read_end)
        self.text = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def wait_for(self, text: str, seconds: float = LONGEST) -> None:
        """Read the screen until `text` has been written."""
        end = time.monotonic() + seconds
        while text not in self.text:
            if not self._read(end - time.monotonic()):
                raise AssertionError(f"{text!r} did not appear in {self.text[-2000:]!r}")

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def stop_and_go_on(self) -> None:
        """As whoever looks after the machine may do, without telling the program."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)
        self._process.send_signal(signal.SIGCONT)

    def exit_code(self, seconds: float = LONGEST) -> int:
        """Read on until the program has ended; its exit code."""
        end = time.monotonic() + seconds
        while self._read(end - time.monotonic()):
            pass
        return self._process.wait(timeout=seconds)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0, seconds))
        try:
            data = os.read(self._master, 65536) if ready else b""
        except OSError:  # Linux says so when the other end is closed
            data = b""
        self.text += data.decode(errors="replace")
        return bool(data)


def test_of_several_machines_one_is_chosen() -> None:
    with Terminal("samples/order-sam", "--no-autosave") as terminal:
        terminal.wait_for("2 state machines")
        terminal.wait_for("RefundMachine")
        terminal.press("refund\r")
        terminal.wait_for("Give the money back")
        terminal.press("q\x11")
        assert terminal.exit_code() == 0


def test_demo_opens_and_quits() -> None:
    with Terminal("demo") as terminal:
        terminal.wait_for("Graph")
        terminal.wait_for("Charge card")
        assert "\x1b[?1000h" in terminal.text, "the mouse is asked for"
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert "Traceback" not in terminal.text


def test_one_that_is_stopped_from_outside_goes_on_and_ends_when_it_is_told_to() -> None:
    with Terminal("demo", "--no-autosave") as terminal:
        terminal.wait_for("Charge card")
        terminal.stop_and_go_on()
        terminal.text = ""
        terminal.wait_for("Charge card")
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_learn_opens_the_lesson_that_is_named_over_the_list() -> None:
    with Terminal("learn", "states") as terminal:
        terminal.wait_for("States and transitions")
        terminal.wait_for("1 of ")
        terminal.press("l")
        terminal.wait_for("Cures: ")
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert "Traceback" not in terminal.text


def test_demo_opens_a_recorded_sample_with_its_summary() -> None:
    with Terminal("demo", "recorded-order", "--no-autosave") as terminal:
        terminal.wait_for("To watch")
        terminal.wait_for("Ship order")
        terminal.press("q\x11")
        assert terminal.exit_code() == 0


def test_alone_it_opens_the_home_screen_which_lists_what_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with Terminal(POLLING) as terminal:
        terminal.wait_for("Graph")
        terminal.press("q")
        assert terminal.exit_code() == 0
    with Terminal() as terminal:
        terminal.wait_for("what do you want to look at?")
        terminal.wait_for("Recent")
        terminal.wait_for("polling.asl.json")
        terminal.press("\x1b")
        assert terminal.exit_code() == 0
        assert "Traceback" not in terminal.text


def test_alone_on_a_dumb_terminal_it_says_how_to_begin() -> None:
    with Terminal(term="dumb") as terminal:
        assert terminal.exit_code() == ExitCode.USAGE
        assert "no definition was given" in terminal.text


def test_a_definition_with_mocks_steps() -> None:
    with Terminal(
        POLLING, "-i", "@samples/polling/input.json", "-m", "samples/polling/MockConfigFile.json", "-c", "QueryFails"
    ) as terminal:
        terminal.wait_for("Graph")
        terminal.press("c")
        terminal.wait_for("Query.FAILED")
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_a_definition_from_a_pipe_leaves_the_keyboard_to_the_terminal() -> None:
    with Terminal("-", "--ascii", "--no-mouse", "--theme", "light", piped=(ROOT / POLLING).read_text()) as terminal:
        terminal.wait_for("Graph")
        assert "\x1b[?1000h" not in terminal.text, "the mouse is left alone"
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_what_cannot_be_run_is_drawn_and_explained() -> None:
    with Terminal("-", piped=PLACEHOLDER) as terminal:
        assert terminal.exit_code() == ExitCode.INVALID_DEFINITION
        assert "Later" in terminal.text
        assert "${Delay}" in terminal.text


def test_an_invalid_definition_does_not_open() -> None:
    with Terminal("-", piped='{"StartAt": "A"}') as terminal:
        assert terminal.exit_code() == ExitCode.INVALID_DEFINITION
        assert "<stdin>:1:" in terminal.text


@pytest.mark.parametrize("argv", [(POLLING,), ("demo",), ("demo", "saga")])
def test_without_a_terminal(argv: tuple[str, ...]) -> None:
    outcome = sfdebug_process(*argv)
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert "the debugger needs a terminal, and stdout is not one" in outcome.err
    assert "sfdebug run FILE" in outcome.err


def test_on_a_dumb_terminal() -> None:
    with Terminal("demo", term="dumb") as terminal:
        assert terminal.exit_code() == ExitCode.USAGE
        assert "cannot draw on a terminal of type 'dumb'" in terminal.text


def test_demo_list() -> None:
    outcome = sfdebug("demo", "--list")
    assert outcome.code == 0
    names = [line.split()[0] for line in outcome.out.splitlines()[:7]]
    assert names == ["order", "image-pipeline", "saga", "polling", "retry-ladder", "map-orders", "approval"]
    assert "recorded-order" in outcome.out
    assert str(ROOT / "samples") in outcome.out


def test_demo_of_an_unknown_sample() -> None:
    outcome = sfdebug("demo", "ordr")
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert "Did you mean 'order'?" in outcome.err
    assert "There are: order, " in sfdebug("demo", "zzz").err
    refused = sfdebug("demo", "recorded-order", "--case", "HappyPath")
    assert (refused.code, refused.out) == (ExitCode.USAGE, "")
    assert "--case: recorded-order is a recorded execution" in refused.err


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    with Terminal(str(tmp_path / "none.asl.json")) as terminal:
        assert terminal.exit_code() == ExitCode.USAGE
        assert "none.asl.json" in terminal.text


def test_the_executions_of_a_machine_by_its_name(fleet: Fleet) -> None:
    with Terminal("replay", "--machine", "Orders") as terminal:
        terminal.wait_for("run-00865")
        assert "Refunds" not in terminal.text
        terminal.press("qq")
        assert terminal.exit_code() == 0
