"""What is said of long work on a terminal, and how far it came when somebody ends it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from sfdebug.cli import progress
from sfdebug.cli.main import main
from sfdebug.cli.progress import ProgressLine, RunWatch
from sfdebug.engine import Execution
from sfdebug.simulation import simulate
from tests.asl_machines import counting_to

LOOP = counting_to(300)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def seconds() -> Iterator[float]:
    return (float(second) for second in count())


def test_a_long_run_says_how_far_it_is_and_takes_it_away_again(seconds: Iterator[float]) -> None:
    terminal = Terminal()
    with RunWatch(ProgressLine(terminal), lambda: next(seconds)) as watch:
        simulate(LOOP, {"n": 0}, watch=watch)
    shown = [part.strip() for part in terminal.getvalue().split("\r\x1b[K")]
    assert shown[0] == shown[-1] == ""
    assert shown[1].startswith("Running: ")
    assert shown[1].endswith(", 1 s; Ctrl+C ends it")
    assert all(len(part) < 80 for part in shown)
    assert len(shown) > 3


def test_a_short_run_and_one_that_goes_into_a_file_say_nothing(seconds: Iterator[float]) -> None:
    terminal, file = Terminal(), io.StringIO()
    with RunWatch(ProgressLine(terminal), lambda: 0.0) as watch:
        simulate(LOOP, {"n": 0}, watch=watch)
    with RunWatch(ProgressLine(file), lambda: next(seconds)) as watch:
        simulate(LOOP, {"n": 0}, watch=watch)
    assert terminal.getvalue() == file.getvalue() == ""


def test_a_run_that_is_ended_says_how_far_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    watch = RunWatch(ProgressLine(None))

    def ended(execution: Execution) -> None:
        watch(execution)
        if execution.visit_count == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), watch:
        simulate(LOOP, {"n": 0}, watch=ended)
    assert capsys.readouterr().err == "sfdebug: the run was not over: 100 states entered, 201 events\n"


def test_a_run_that_fails_says_nothing_more(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no"), RunWatch(ProgressLine(None)):
        raise ValueError("no")
    assert capsys.readouterr().err == ""


def test_the_clock_is_asked_seldom() -> None:
    asked: list[float] = []

    def clock() -> float:
        asked.append(0.0)
        return 0.0

    with RunWatch(ProgressLine(None), clock) as watch:
        simulate(LOOP, {"n": 0}, watch=watch)
    assert len(asked) <= 1 + 601 // progress._LOOK_EVERY


def test_stops_are_told_on_lines_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "loop.asl.json"
    file.write_text(json.dumps(LOOP))
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "_SOON", 0.0)
    assert main(["run", str(file), "--input", '{"n": 0}', "--break", "Count if $.n == 7"]) == 0
    said = terminal.getvalue()
    assert "Running: " in said
    assert "\r\x1b[Kstop 1: breakpoint Count" in said, "the line of progress is taken away first"
