"""How often the code of a function is looked at: before each call where it is small, else now and then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sfdebug.tasks.lambdas.code_watch import FEW, CodeWatch, code_stamp
from sfdebug.tasks.lambdas.function import LambdaFunction, function_from
from tests.programs import until


@pytest.fixture
def function(tmp_path: Path) -> LambdaFunction:
    (tmp_path / "app.py").write_text("")
    return function_from(f"f={tmp_path / 'app.py'}:handler")


class Clock:
    """Each reading is `step` later than the one before."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_a_few_files_are_looked_at_before_each_call_however_busy_the_machine(
    function: LambdaFunction, tmp_path: Path
) -> None:
    watch = CodeWatch(function, Clock(1))
    watch.remember()
    assert not watch.has_changed()
    (tmp_path / "more.py").write_text("")
    assert watch.has_changed()
    assert watch.has_changed()
    watch.remember()
    assert not watch.has_changed()


def test_code_of_the_same_size_and_time_of_writing_is_another_all_the_same(
    function: LambdaFunction, tmp_path: Path
) -> None:
    """As of a bundler that gives all that it writes one time. The clock of a file system ticks some milliseconds."""
    file = tmp_path / "same.py"
    file.write_text("a = 1")
    os.utime(file, (1, 1))
    watch = CodeWatch(function)
    watch.remember()

    def is_written_later() -> bool:
        file.write_text("a = 2")
        os.utime(file, (1, 1))
        return watch.has_changed()

    until(is_written_later)


def test_a_link_that_leads_nowhere_hides_no_other_file(function: LambdaFunction, tmp_path: Path) -> None:
    for name in ("0", "~", "m"):
        (tmp_path / name).symlink_to(tmp_path / "gone")
    before = code_stamp(function)
    (tmp_path / "app.py").write_text("changed")
    assert code_stamp(function) != before


def test_what_takes_long_is_looked_at_a_tenth_of_the_time(function: LambdaFunction, tmp_path: Path) -> None:
    for number in range(FEW):
        (tmp_path / f"{number}.py").touch()
    clock = Clock(0.2)  # a look takes so long
    watch = CodeWatch(function, clock)
    watch.remember()
    (tmp_path / "more.py").write_text("")
    clock.step = 0.000_1
    assert not any(watch.has_changed() for _ in range(1_000))
    clock.now += 2
    assert watch.has_changed()


def test_a_folder_is_looked_at_to_a_bound(function: LambdaFunction, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"p{number}").mkdir()
        (tmp_path / f"p{number}" / "index.js").write_text("")
    before, _ = code_stamp(function)
    whole = {code_stamp(function, most)[0] for most in (5, 21, 50_000)}
    assert len(whole) == 2
    assert before in whole
