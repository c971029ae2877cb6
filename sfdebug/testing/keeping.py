"""Runs that were not as expected, kept as sessions: the debugger opens one where that shows first, else at its end, and
one that stopped at a Task there."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import parse_definition
from sfdebug.collection import seldom_collected
from sfdebug.debugger.following import Following
from sfdebug.debugger.sessions.folder import SUFFIX
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.records import TaskSources
from sfdebug.debugger.sessions.restoring import beginning_of
from sfdebug.engine import start
from sfdebug.errors import UsageError
from sfdebug.testing.answering import AnsweredCalls
from sfdebug.testing.reading import is_case_file, read_cases

if TYPE_CHECKING:
    from sfdebug.testing.model import KeptRun, MachineCase

FOLDER: Final = Path(".sfdebug", "tests")
_PLAIN: Final = re.compile(r"[^A-Za-z0-9]+")
_LONGEST: Final = 60


def kept_path(case: MachineCase, folder: Path = FOLDER) -> Path:
    """Where the run of a case is kept: a name that a person knows again, and that no other case has."""
    plain = _PLAIN.sub("-", case.name).strip("-")[:_LONGEST].rstrip("-") or "case"
    return folder / f"{plain}-{sha256(case.id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}{SUFFIX}"


def keep_run(run: KeptRun, case: MachineCase, program: str, now: float, folder: Path = FOLDER) -> Path:
    """Keep a run as a session, in place of the last one of the case; it opens where it first leaves what is expected.

    Args:
        run: The run.
        case: What it was of.
        program: The version of sfdebug.
        now: The time, in seconds since 1970.
        folder: Where to keep it.

    Returns:
        The file, which `sfdebug --session FILE` opens.

    Raises OSError when it cannot be written, SessionError when it cannot be put into words.
    """
    with seldom_collected():
        machine = parse_definition(run.text, case.machine.path, run.format or None)
        following = Following(start(machine, run.input, run.settings))
        following.take_in(run.decisions)
        following.debugger.timeline.record = None  # it is nobody else's any more: it can be gone on with
        if run.opens_at is not None:
            following.debugger.goto_stage(*run.opens_at)
        folder.mkdir(parents=True, exist_ok=True)
        path = kept_path(case, folder)
        beginning = beginning_of(following.debugger, now, program, case.machine.absolute(), _sources(case))
        SessionKeeper(following.debugger, lambda: beginning, None, now=lambda: now).save_as(path, {})
    return path


def _sources(case: MachineCase) -> TaskSources:
    """What answers a fork of the run as the case does: its own answers, its mock file, its folder in place of S3."""
    mocks, own = case.mocks, case.answers and is_case_file(case.place.file)
    return TaskSources(
        mocks=os.path.abspath(mocks) if mocks else "",
        case=case.mock_case if mocks else "",
        s3=os.path.abspath(case.s3) if case.s3 else "",
        tests=os.path.abspath(case.place.file) if own else "",
        test=case.name if own else "",
    )


def answers_again(sources: TaskSources) -> AnsweredCalls | None:
    """The own answers of the test case that a session is of, read again; None where it is of none.

    Raises CaseFileError when its file cannot be read, and UsageError when it has no such case any more.
    """
    if not sources.tests:
        return None
    for case in read_cases(sources.tests):
        if case.name == sources.test:
            return AnsweredCalls(case.answers)
    what = f"there is no test '{sources.test}' in it any more"
    raise UsageError(what, where=sources.tests, fix="Run sfdebug test anew: it keeps what does not pass.")


def forget_run(case: MachineCase, folder: Path = FOLDER) -> None:
    """A case passes now: nothing of it is kept. Raises OSError when that cannot be."""
    kept_path(case, folder).unlink(missing_ok=True)
