"""Verifying by several processes: the same as by one, in the same order; nothing is left running or hushed up."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from contextlib import closing
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

from sfdebug import processes
from sfdebug.asl.load import definition_from
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.history.verification import together
from sfdebug.history.verification.together import Question, jobs_for, verify_files
from sfdebug.history.verification.verify import history_files
from sfdebug.processes import WorkerError
from tests.asl_machines import counting_to
from tests.history_runs import recorded
from tests.programs import LONGEST, running, until

LOOP = counting_to(3)
OTHER = counting_to(2)
COUNT = 12
QUESTION = Question(definition_from(LOOP), Rules())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Histories that are identical, that diverge, that are cut off, that are none, and a file of something else."""
    root = tmp_path_factory.mktemp("histories")
    for number in range(COUNT):
        events = recorded(OTHER if number % 3 == 1 else LOOP, {"n": 0})
        text = json.dumps({"events": events})
        (root / f"{number:02}.json").write_text(text[: len(text) // 2] if number % 4 == 2 else text, encoding="utf-8")
    (root / "notes.json").write_text('{"a": 1}', encoding="utf-8")
    (root / "empty.json").write_text("", encoding="utf-8")
    (root / "definition.asl.json").write_text(json.dumps(LOOP), encoding="utf-8")
    return root


@pytest.fixture
def files(folder: Path) -> list[tuple[Path, bool]]:
    return [(path, False) for path in sorted(folder.glob("*.json")) if ".asl." not in path.name]


def test_a_file_is_verified_once_however_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    near = folder.name
    named = f"{near}/../{near}/01.json"
    found = history_files([near, str(folder), f"{folder}/0*.json", f"./{near}/00.json", named])
    assert [path for path, _ in found] == [path for path, _ in history_files([near])]
    assert {path.name for path, is_named in found if is_named} == {"00.json", "01.json"}


def test_several_processes_give_what_one_gives(files: list[tuple[Path, bool]]) -> None:
    progress: list[tuple[int, int]] = []
    meanwhile: list[int] = []
    alone = list(verify_files(QUESTION, files, 1, meanwhile=lambda: meanwhile.append(1)))
    assert not meanwhile, "there is nobody to wait for"
    found = list(
        verify_files(
            QUESTION,
            files,
            2,
            lambda done, of: progress.append((done, of)),
            lambda: meanwhile.append(len(progress)),
        )
    )
    assert meanwhile == [0], "once, before the first result"
    assert found == alone
    assert len({str(one) for one in found}) > 3, "there is something to tell apart"
    assert progress == [(number, len(files)) for number in range(1, len(files) + 1)]
    until_none_is_left()


def test_giving_up_leaves_no_process(files: list[tuple[Path, bool]]) -> None:
    with closing(verify_files(QUESTION, files, 2)) as verdicts:
        next(verdicts)
        children = multiprocessing.active_children()
        assert len(children) == 2
    for child in children:
        child.join(LONGEST)
    until_none_is_left()


def until_none_is_left() -> None:
    """No child is left, once the pool's own thread, which reaps them too, has noted what it reaped."""
    until(lambda: not multiprocessing.active_children())


def test_a_process_that_dies_is_told(files: list[tuple[Path, bool]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "_FEW", 1)
    verdicts = verify_files(QUESTION, files, 2)
    next(verdicts)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(WorkerError, match="ended before its time"):
        list(verdicts)


def test_lots_become_smaller_towards_the_end() -> None:
    things = range(100)
    lots = list(processes._lots(things, 2, 16))
    assert [thing for lot in lots for thing in lot] == list(things)
    sizes = [len(lot) for lot in lots]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (16, 1)
    assert [list(lot) for lot in processes._lots([1, 2, 3], 2, 16)] == [[1], [2], [3]]


def test_where_there_can_be_no_processes_this_one_does_it(
    files: list[tuple[Path, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise NotImplementedError("no semaphores")

    monkeypatch.setattr(processes, "_pool", refuse)
    assert list(verify_files(QUESTION, files, 2)) == list(verify_files(QUESTION, files, 1))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such process")
def test_where_stderr_is_a_stand_in_what_processes_share_is_begun_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shown(io.StringIO):
        def fileno(self) -> int:
            return -1

    given: list[object] = []
    monkeypatch.setattr(resource_tracker, "ensure_running", lambda: given.append(sys.stderr))
    shown = Shown()
    monkeypatch.setattr(sys, "stderr", shown)
    processes._begin_tracker()
    assert given == [sys.__stderr__]
    assert sys.stderr is shown
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    processes._begin_tracker()
    assert len(given) == 1, "what has no file at all is left out by Python itself"


def test_few_or_small_files_are_not_worth_a_process(
    files: list[tuple[Path, bool]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "usable_cores", lambda: 2)
    assert jobs_for(files * 10) == 1
    large = tmp_path / "large.json"
    with large.open("wb") as stream:
        stream.truncate(20_000_000)
    assert jobs_for([(large, True)]) == 1
    assert jobs_for([(large, True)] * 100) == 2
    monkeypatch.setattr(together, "usable_cores", lambda: 1)
    assert jobs_for([(large, True)] * 100) == 1


def command(folder: Path, *options: str) -> list[str]:
    definition = str(folder / "definition.asl.json")
    return [sys.executable, "-m", "sfdebug", "verify", definition, str(folder), "--all", *options]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_command_says_the_same_to_the_letter(folder: Path, options: tuple[str, ...]) -> None:
    alone, shared = (
        subprocess.run([*command(folder, *options), "--jobs", jobs], capture_output=True, check=False)
        for jobs in ("1", "2")
    )
    assert (shared.stdout, shared.stderr, shared.returncode) == (alone.stdout, alone.stderr, alone.returncode)
    assert alone.returncode == 1
    assert alone.stdout


STUCK = """
import os, signal, sys
from sfdebug import processes
from sfdebug.cli.main import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background

def stuck(files):
    os.write(int(sys.argv[1]), b".")
    signal.pause()

processes._work = stuck
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(folder: Path, number: signal.Signals) -> None:
    """Each of them has the end of a pipe: that is at its end when all of them are gone."""
    reader, writer = os.pipe()
    command_line = [sys.executable, "-c", STUCK, str(writer), *command(folder, "--jobs", "2")[3:]]
    null, expected = subprocess.DEVNULL, {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
    with (
        os.fdopen(reader, "rb", buffering=0) as pipe,
        running(command_line, pass_fds=(writer,), stdout=null, stderr=null) as process,
    ):
        os.close(writer)
        assert pipe.read(1) + pipe.read(1) == b"..", "both are at work"
        process.send_signal(number)
        assert pipe.read(1) == b"", "all have ended"
        assert process.wait() == expected[number]
