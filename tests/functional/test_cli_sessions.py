"""Sessions from the command line: gone on with, listed, saved, deleted; and what `kill -9` leaves of them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sfdebug.cli.exit_codes import ExitCode
from sfdebug.debugger.sessions.restoring import read_session, restored
from tests.command_line import ROOT, sfdebug
from tests.functional.test_cli_debugger import Terminal

ORDER = "samples/order/order.asl.json"
MOCKED = ("-i", "@samples/order/input.json", "-m", "samples/order/MockConfigFile.json", "-c", "HappyPath")


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of sessions of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "sfdebug" / "sessions"


@pytest.fixture(scope="module")
def stepped_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is left when the debugger was opened on the mocked order, stepped once, and left."""
    folder = tmp_path_factory.mktemp("stepped")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(folder))
        stepped(ORDER, *MOCKED)
    return folder


@pytest.fixture
def session(state: Path, stepped_state: Path, tmp_path: Path) -> Path:
    """The session of that, as if it were the test's own."""
    shutil.copytree(stepped_state, tmp_path / "state")
    (path,) = state.iterdir()
    return path


def stepped(*argv: str) -> None:
    """Open the debugger, step over one state, leave."""
    with Terminal(*argv) as terminal:
        terminal.wait_for("Graph")
        terminal.press("n")
        terminal.wait_for("Charge card, ")
        terminal.press("q")
        assert terminal.exit_code() == 0


def press_until(terminal: Terminal, key: str, text: str) -> None:
    """Press a key until it is heard: a question that opens by itself does not take what was typed before."""
    for _ in range(100):
        terminal.press(key)
        with suppress(AssertionError):
            terminal.wait_for(text, 0.3)
            return
    terminal.wait_for(text, 0)


def test_a_session_is_offered_and_gone_on_with(state: Path, session: Path) -> None:
    with Terminal(ORDER) as terminal:
        terminal.wait_for("Continue from")
        assert "at Charge card?" in terminal.text
        press_until(terminal, "\r", "About to run Charge card")
        terminal.press("c")
        terminal.wait_for("SUCCEEDED")
        terminal.press("q")
        assert terminal.exit_code() == 0
    assert [session] == list(state.iterdir())
    read = read_session(session)
    assert read.summary.is_over
    assert read.beginning.sources.case == "HappyPath"
    listed = sfdebug("sessions")
    assert "order.asl.json" in listed.out
    assert "ended at Order shipped (0 forks)" in listed.out


def test_what_the_command_line_says_has_to_be_the_same(session: Path) -> None:
    with Terminal(ORDER, "-i", '{"orderId": "other"}') as terminal:
        terminal.wait_for("Graph")
        terminal.press("?")
        terminal.wait_for("Keys")
        assert "Continue from" not in terminal.text


def test_fresh_and_continue_ask_nothing(state: Path, session: Path) -> None:
    with Terminal(ORDER, "--continue") as terminal:
        terminal.wait_for("About to run Charge card")
        assert "Continue from" not in terminal.text
        terminal.press("q")
        assert terminal.exit_code() == 0
    stepped(ORDER, *MOCKED, "--fresh")
    assert len(list(state.iterdir())) == 2


def test_continue_without_a_session_is_fresh_and_says_so() -> None:
    with Terminal(ORDER, "--continue") as terminal:
        terminal.wait_for("there is no session of")
        terminal.wait_for("Graph")
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_no_autosave_keeps_nothing(state: Path) -> None:
    stepped(ORDER, *MOCKED, "--no-autosave")
    assert not state.exists()


def test_a_saved_session_is_opened_from_its_file_alone(session: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared.sfdebug-session"
    name = session.name.partition(".")[0]
    assert sfdebug("sessions", name, "--save", str(shared), "--redact").code == 0
    assert "Ada" not in shared.read_text()
    assert sfdebug("sessions", "--clear").code == 0
    assert sfdebug("sessions").out == ""
    with Terminal("--session", str(shared)) as terminal:
        terminal.wait_for("About to run Charge card")
        terminal.press("n")
        terminal.wait_for("asks")
        terminal.press("\x1b")
        terminal.wait_for("still waits")
        terminal.press("q")
        assert terminal.exit_code() == 0
    assert read_session(shared).summary.event > 8, "it goes on in its file"


def test_sessions_are_deleted_by_name(session: Path) -> None:
    assert sfdebug("sessions", "nothing", "--delete").code == ExitCode.USAGE
    assert sfdebug("sessions", "--delete").code == ExitCode.USAGE
    assert sfdebug("sessions", "--redact").code == ExitCode.USAGE
    assert session.exists()
    assert sfdebug("sessions", session.name[:12], "--delete").code == 0
    assert not session.exists()


@pytest.mark.parametrize("argv", [("--session", "nowhere"), ("--session", ORDER), ("--session", "a/b")])
def test_what_is_no_session_is_refused(argv: tuple[str, ...]) -> None:
    outcome = sfdebug(*argv)
    assert outcome.code == ExitCode.USAGE
    assert "session" in outcome.err


def test_a_recording_is_gone_on_with_where_it_was_left(state: Path) -> None:
    history = ROOT / "samples" / "recorded-order" / "history.json"
    with Terminal("replay", str(history), "--break", "Charge card") as terminal:
        terminal.wait_for("Failed in")
        press_until(terminal, "\r", "\N{BLACK RIGHT-POINTING SMALL TRIANGLE} Ship order")
        terminal.press("Rc")
        terminal.wait_for("breakpoint")
        terminal.press("q")
        assert terminal.exit_code() == 0
    (path,) = state.iterdir()
    with Terminal("replay", str(history)) as terminal:
        terminal.wait_for("Continue from")
    recording = read_session(path).beginning.recording
    assert recording is not None
    assert recording.path == str(history.resolve())


# kill -9

SCRIPT = """
import os, signal, sys
from pathlib import Path
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler
from tests.session_runs import keeper_of
from sfdebug.debugger import Debugger, Verb

KEYS = ("step_into", "step_over", "force", "run", "leave_fork", "redo", "back_over", "edit", "step_into", "inject",
        "run", "restart", "break", "step_over")

def session(path, count, said):
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    keeper = keeper_of(debugger, path)
    for number in range(count):
        key = KEYS[number % len(KEYS)]
        if key == "force":
            debugger.force_choice(0)
        elif key == "edit":
            debugger.edit_input({"order": {"total": number}, "long": "x" * 3_000})
        elif key == "inject":
            debugger.inject_failure(("Charge",), "Bad", attempts=2)
        elif key == "break":
            debugger.breakpoints.toggle(("Ship",))
        else:
            debugger.do(Verb(key))
        assert keeper.keep(), keeper.trouble
        os.write(said, b"%d %d\\n" % (number, path.stat().st_size))

folder, count = Path(sys.argv[1]), int(sys.argv[2])
for moment in sys.argv[3:]:
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        session(folder / moment, count, said)
        signal.pause()
    lines = os.fdopen(heard, "r")
    while True:
        number, size = lines.readline().split()
        if number == moment.partition("-")[0]:
            break
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    lines.close()
    os.close(said)
    print(moment, size, flush=True)
"""
KEYS = 56


def test_kill_9_at_100_random_moments_loses_at_most_the_last_key(tmp_path: Path) -> None:
    """A process is killed as soon as it has said that it has done its n-th key, in the middle of the next ones."""
    drawn = random.Random(14)
    moments = [f"{drawn.randrange(KEYS - 1)}-{number}" for number in range(100)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(KEYS), f"{KEYS - 1}-all", *moments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    said = dict(line.split() for line in done.stdout.splitlines())
    whole = (tmp_path / f"{KEYS - 1}-all").read_bytes()
    assert len(said) == 101
    for moment in moments:
        left = (tmp_path / moment).read_bytes()
        assert whole.startswith(left), "it is what it would have been up to some key"
        assert len(left) >= int(said[moment]), "all keys that were done are there"
    for moment in drawn.sample(moments, 20):
        found = restored(read_session(tmp_path / moment))
        assert found.is_whole, found.notes
