"""Every command with names that a terminal would obey: the raw bytes that it writes, to a terminal and to a pipe."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.console import printable
from sfdebug.cli.main import COMMANDS
from sfdebug.debugger import Debugger
from tests.command_line import ROOT, sfdebug
from tests.lesson_files import write_lesson
from tests.programs import LONGEST, heard, read_all, running
from tests.session_runs import keeper_of

EVIL = "A\x1b]2;PWNED\x07\x9b31m\x7f\u202e\u2028\rB"
"""Sets the title, colours, deletes, turns text round, breaks the line, goes back to its start."""

OWN = re.compile(r"\x1b\[[0-9;]*m|\r\x1b\[K")
"""Colours, and the line of progress that is written anew."""

TASK = "arn:aws:states:::lambda:invoke"
DRIVER = "import json, sys\nfrom sfdebug.cli.main import main\nfor argv in json.load(open(sys.argv[1])): main(argv)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Definitions, mocks and histories in which every name is hostile, and so are some names of files."""
    states = {EVIL: {"Type": "Task", "Resource": TASK, "Next": "F" + EVIL}, "F" + EVIL: {"Type": "Fail"}}
    states["F" + EVIL] |= {"Error": EVIL, "Cause": f"because\n{EVIL}"}
    machine = {"Comment": EVIL, "StartAt": EVIL, "States": states}
    chooses = {"StartAt": EVIL, "States": {EVIL: {"Type": "Choice", "Choices": [rule()], "Default": "D"}}}
    chooses["States"]["D"] = {"Type": "Pass", "Result": {EVIL: EVIL}, "End": True}  # type: ignore[index]
    files = {
        "task.asl.json": machine,
        f"{EVIL[1:9]}.asl.json": {"StartAt": EVIL, "States": {"X": {"Type": EVIL}}},
        "choice.asl.json": chooses,
        "broken.asl.json": {"StartAt": EVIL, EVIL: 1, "States": {"X": {"Type": EVIL, EVIL: EVIL}}},
        "mocks.json": {
            "StateMachines": {EVIL: {"TestCases": {EVIL: {EVIL: EVIL}, "D": {EVIL: EVIL}}}},
            "MockedResponses": {EVIL: {"0": {"Return": {EVIL: EVIL}}}},
        },
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "raw.asl.json").write_text('{"StartAt": "' + EVIL.replace("\r", "") + '"', encoding="utf-8")
    kind = "AWS::StepFunctions::StateMachine"
    template: dict[str, Any] = {"Resources": {EVIL: {"Type": kind, "Properties": {"Definition": chooses}}}}
    for name in ("A", "B"):
        properties = {"Definition": {"Ref": EVIL}, "StateMachineName": EVIL, EVIL: EVIL}
        template["Resources"][name + EVIL] = {"Type": kind, "Properties": properties}
    (tmp_path / "evil.yaml").write_text(json.dumps(template), encoding="utf-8")
    (tmp_path / "notes.json").write_text(EVIL, encoding="utf-8")
    write_evil_lesson(tmp_path / "lesson", chooses)
    for name in ("choice", "task"):
        run = ["run", str(tmp_path / f"{name}.asl.json"), "--history", str(tmp_path / f"{name}.json")]
        sfdebug(*run, "-m", str(tmp_path / "mocks.json"), "-c", EVIL)
    return tmp_path


def write_evil_lesson(folder: Path, machine: dict[str, Any]) -> None:
    """A lesson whose every text and name is hostile."""
    evil = json.dumps(EVIL).replace("\x7f", "\\u007f")
    head = f"title = {evil}\ncures = {evil}\nneeds = [{evil}]\n"
    asked = f'[[steps]]\nsay = {evil}\nat = {evil}\npredict = "next"\nhints = [{evil}]\nreveal = {evil}\n'
    wrong = f'[[steps]]\nsay = {evil}\nat = {evil}\npredict = "rule"\nmistakes = [{evil}]\nhints = [{evil}]\n'
    write_lesson(folder, head + asked, machine)
    write_lesson(folder / "wrong", head + wrong + f"{evil} = {evil}\n", machine)


def rule() -> dict[str, object]:
    return {"Variable": "$.a", "StringEquals": EVIL, "Next": "D"}


def command_lines(folder: Path) -> list[list[str]]:
    """Every command, in the ways in which it speaks of what it was given."""
    task, choice, evil, raw = (str(folder / f"{name}.asl.json") for name in ("task", "choice", EVIL[1:9], "raw"))
    recorded = [str(folder / "task.json"), str(folder / "choice.json")]
    mocked = ["-m", str(folder / "mocks.json")]
    lines = [[command, file] for command in ("run", "check", "lint", "graph") for file in (evil, EVIL, raw)]
    lines += [[command, str(folder / "broken.asl.json")] for command in ("run", "check", "lint", "graph")]
    lines += [["graph", choice, "--format", form] for form in ("text", "svg", "mermaid", "dot", "json")]
    lines += [["graph", task, "--history", recorded[0]], ["graph", choice, "--history", recorded[1]]]
    lines += [["graph", task, "--collapse", EVIL], ["lint", "--json", str(folder / "broken.asl.json")]]
    lines += [["lint", "--sarif", choice], ["lint", "--severity", "INFO", "--json", task], ["lint", "--explain", EVIL]]
    lines += [["lint", "--ignore", EVIL, choice], ["policy", task], ["policy", EVIL], ["forecast", task]]
    lines += [["forecast", EVIL], ["metrics", *recorded], ["metrics", EVIL]]
    lines += [["run", task], ["run", task, *mocked], ["run", task, *mocked, "-c", EVIL], ["run", choice]]
    lines += [["run", task, *mocked, "-c", EVIL, more] for more in ("--json", "--history=-")]
    lines += [["run", choice, "-i", EVIL], ["run", choice, "--start-time", EVIL], ["run", choice, "--s3", EVIL]]
    lines += [
        ["run", choice, "--nested", EVIL],
        ["run", choice, "-m", EVIL],
        ["run", choice, f"--{EVIL}"],
        [f"--{EVIL}"],
    ]
    lines += [["test-state", "--definition", json.dumps({"Type": "Fail", "Error": EVIL, "Cause": EVIL})]]
    lines += [["test-state", "--definition", f"file://{EVIL}"], ["test-state", "--definition", EVIL]]
    lines += [
        ["verify", choice, *recorded, "--all"],
        ["verify", choice, recorded[0], "--json"],
        ["verify", choice, EVIL],
    ]
    lines += [["verify", task, str(folder / "notes.json")], ["diff", *recorded], ["diff", "--json", *recorded]]
    lines += [["test", EVIL], ["test", str(folder / "evil.sfn.yaml"), "-v"], ["test", "-k", EVIL, str(folder)]]
    lines += [["coverage", choice, recorded[1], "--all", "--graph"], ["coverage", choice, EVIL]]
    lines += [["coverage", choice, *recorded, "--json"], ["coverage", choice, "--add", EVIL]]
    lines += [["merge", EVIL], ["merge", *recorded], ["verify", choice, *recorded, "--shard", EVIL]]
    lines += [["diff", *recorded, "--ignore", EVIL], ["mocks", *recorded], ["mocks", recorded[0], "-o", recorded[1]]]
    lines += [["fetch", EVIL], ["fetch", f"arn:aws:states:eu-west-1:123456789012:execution:{EVIL}:x", "--hours", "-1"]]
    lines += [["completion", EVIL], ["demo", EVIL], ["replay", EVIL], ["replay", recorded[0], "--execution", EVIL]]
    lines += [["replay", f"arn:{EVIL}"], ["replay", recorded[0], "-m", EVIL]]
    lines += [["config"], ["config", "--path"], ["config", EVIL]]
    lines += [["machines", EVIL], ["machines", str(folder)], ["machines", str(folder / "evil.yaml")]]
    lines += [["executions", EVIL], ["executions", str(folder)], ["executions", str(folder), "--groups", "--json"]]
    lines += [["dev", EVIL], ["dev", choice, "--services", EVIL], ["run", choice, "--function", EVIL]]
    lines += [["run", task, "--function", f"{EVIL}={EVIL}:{EVIL}"], ["run", task, "--lambda-endpoint", EVIL]]
    lines += [["run", task, "--seed-data", EVIL], ["run", task, "--seed-data", EVIL, "--services", "local"]]
    lines += [["run", str(folder / "evil.yaml")], ["check", str(folder / "evil.yaml")], ["run", f"{choice}#{EVIL}"]]
    lesson, wrong = str(folder / "lesson"), str(folder / "lesson" / "wrong")
    lines += [["learn", EVIL], ["learn", EVIL, EVIL], ["learn", "--check", lesson], ["learn", "--check", wrong]]
    lines += [["learn", lesson, "--list"], ["learn", lesson, "--list", "--json"], ["learn", lesson, "--print"]]
    lines += [["serve", EVIL], ["serve", task, "--mocks", EVIL], ["exec", EVIL, "--", EVIL], ["exec", task, "--", EVIL]]
    page = ["-o", str(folder / "run.html")]
    lines += [["report", *recorded, *page], ["report", EVIL, *page], ["report", choice, *page], ["report", task, *page]]
    lines += [["report", recorded[0], "-o", "-", "--redact"], ["report", recorded[0], "-d", EVIL, *page]]
    lines += [["sessions"], ["sessions", EVIL, "--delete"], ["sessions", "evil", "--save", EVIL], ["--session", EVIL]]
    return lines


def evil_session(folder: Path) -> None:
    """A session among those that are kept, of a definition that is called, and has states that are called, badly."""
    sessions = folder / "sfdebug" / "sessions"
    sessions.mkdir(parents=True)
    debugger = Debugger({"StartAt": EVIL, "States": {EVIL: {"Type": "Pass", "End": True}}}, {EVIL: EVIL})
    keeper = keeper_of(debugger, sessions / "evil.sfdebug-session", EVIL)
    debugger.edit_input({"a": EVIL})
    keeper.keep()
    keeper.close()


def written(lines: list[list[str]], folder: Path, *, terminal: bool) -> str:
    """All that the command lines write, to a pseudo-terminal or to a pipe."""
    plan = folder / "plan"
    plan.write_text(json.dumps(lines), encoding="utf-8")
    read_end, write_end = pty.openpty() if terminal else os.pipe()
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder)}
    command = [sys.executable, "-c", DRIVER, str(plan)]
    null = subprocess.DEVNULL
    with running(command, stdin=null, stdout=write_end, stderr=write_end, cwd=folder, env=environment) as process:
        os.close(write_end)
        data = read_all(read_end)
        assert process.wait() == 0
    return data.decode("utf-8").replace("\r\n", "\n") if terminal else data.decode("utf-8")


@pytest.mark.parametrize("terminal", [True, False])
def test_no_command_writes_what_a_terminal_would_obey(folder: Path, terminal: bool) -> None:
    evil_session(folder)
    lines = command_lines(folder)
    assert {line[0] for line in lines} >= set(COMMANDS)
    text = written(lines, folder, terminal=terminal)
    assert "Traceback" not in text
    assert "a fault of sfdebug" not in text
    assert text.count("PWNED") > len(lines)  # they do speak of it
    assert "\\u001b]2;PWNED" in text
    bare = OWN.sub("", text) if terminal else text
    found = {character for character in bare if printable(character) != character}
    assert found == set()


def test_data_stay_the_same_json(folder: Path) -> None:
    run = ["run", str(folder / "choice.asl.json"), "-i", '{"a": 1}']
    out = sfdebug(*run).out
    assert json.loads(out) == {EVIL: EVIL}
    assert "\\u009b31m\\u007f\\u202e\\u2028\\rB" in out
    assert json.loads(sfdebug(*run, "--json").out)["output"] == {EVIL: EVIL}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "plain \u00e9 \u65e5\u672c \U0001f469\u200d\U0001f4bb\tx\n",
            "plain \u00e9 \u65e5\u672c \U0001f469\u200d\U0001f4bb\tx\n",
        ),
        ("\x1b\x00\x7f\x85\r", "\\u001b\\u0000\\u007f\\u0085\\u000d"),
        ("\u202a\u2066\u200f\ufeff", "\\u202a\\u2066\\u200f\\ufeff"),
        ("\U000e0041\ud800", "\\udb40\\udc41\\ud800"),
    ],
)
def test_what_is_printable(text: str, expected: str) -> None:
    assert printable(text) == expected


# the last resort


def broken(kind: str) -> str:
    """Python that makes the command fail as nobody expected."""
    return (
        "import sys, sfdebug.cli.main as m\n"
        f"def fail(argv): raise {kind}\n"
        "m._dispatch = fail\n"
        "sys.exit(m.main(['run', 'x']))"
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("KeyError('a\\x1b[2J')", "KeyError: 'a\\x1b[2J'"),
        ("RecursionError('deep')", "nested too deep"),
        ("MemoryError()", "not enough memory"),
        ("ValueError()", "ValueError"),
    ],
)
def test_the_last_resort(kind: str, words: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state")}
    done = subprocess.run(
        [sys.executable, "-c", broken(kind)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=LONGEST,
    )
    log = tmp_path / "state" / "sfdebug" / "errors.log"
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert str(log) in done.stderr
    assert "in fail" in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o777 == 0o600


def test_the_report_does_not_follow_a_link(tmp_path: Path) -> None:
    state = tmp_path / "state" / "sfdebug"
    state.mkdir(parents=True)
    (state / "errors.log").symlink_to(tmp_path / "elsewhere")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", broken("OSError(5)")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=LONGEST,
    )
    assert done.returncode == 2
    assert not (tmp_path / "elsewhere").exists()
    (named,) = tmp_path.glob("sfdebug-*.log")
    assert str(named) in done.stderr


@pytest.mark.parametrize("closed", [">&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("command", ["run ok.asl.json", "graph ok.asl.json", "--help"])
def test_closed_streams(command: str, closed: str, tmp_path: Path) -> None:
    (tmp_path / "ok.asl.json").write_text('{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}', encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = f"exec {sys.executable} -m sfdebug {command} {closed}"
    done = subprocess.run(
        ["sh", "-c", line],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=LONGEST,
    )
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stdout + done.stderr
    if closed == ">&-":
        assert done.returncode == 2
        assert "stdout: the output cannot be written: it is closed" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_in_order(number: signal.Signals, code: int) -> None:
    ours, stdin = pty.openpty()
    command = [sys.executable, "-m", "sfdebug", "run", str(ROOT / "samples/polling/polling.asl.json"), "-i", "-"]
    environment, pipe = {**os.environ, "PYTHONPATH": str(ROOT)}, subprocess.PIPE
    with (
        heard(number),
        running(command, stdin=stdin, stdout=pipe, stderr=pipe, text=True, env=environment) as process,
    ):
        assert process.stderr is not None
        assert "Reading the input" in process.stderr.readline()  # from here on it waits
        process.send_signal(number)
        _, err = process.communicate()
        assert process.returncode == code
    assert "Traceback" not in err
    os.close(ours)
    os.close(stdin)


def test_a_screen_that_breaks_gives_the_terminal_back(tmp_path: Path) -> None:
    code = (
        "import sys, sfdebug.tui.screens.debug as d\n"
        "def compose(self): raise KeyError('[/a]')\n"
        "d.DebugScreen.compose = compose\n"
        "from sfdebug.cli.main import main\nsys.exit(main(['demo']))"
    )
    text, returned = in_terminal([sys.executable, "-c", code], tmp_path)
    assert returned == 2
    last = text[text.rindex("\x1b[?1049l") :]
    assert "KeyError: '[/a]'" in last
    assert "Please report it with what is in" in last
    assert "Traceback" not in text


def in_terminal(command: list[str], folder: Path) -> tuple[str, int]:
    """What a command writes to a pseudo-terminal of its own, and its exit code."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder)}
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with running(command, cwd=folder, env=environment, start_new_session=True, **streams) as process:
        os.close(theirs)
        data = read_all(ours)
        return data.decode("utf-8", "replace"), process.wait()
