"""Verifying: whether a definition still does what recorded executions did, one verdict for each of them."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.engine import Program
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.history.comparing import Difference, Rules
from sfdebug.history.reading import DESCRIPTION, read_recordings
from sfdebug.history.recording import RecordingError
from sfdebug.history.replaying import replay

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.recording import Recording

_SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".csv", ".log", ".gz", ".yaml", ".yml")
_NO_HISTORIES: Final = (DESCRIPTION, "input.json", "MockConfigFile.json")
_GLOB: Final = "*?["


class VerificationStatus(StrEnum):
    """What came of one recorded execution."""

    IDENTICAL = "identical"
    DIVERGES = "diverges"
    NOT_VERIFIED = "not verified"
    """It could not be run again: the file cannot be read, or the data was not recorded."""


@dataclass(frozen=True, slots=True)
class Verification:
    """One recorded execution under a definition: the verdict, and all differences in the order of the events.

    `events` is how many were recorded, `followed` how many of them the replay came to. `is_complete` is false when the
    recording does not go to the end of the execution. `reason` says why it was not verified; `notes` what was odd.
    """

    history: str
    status: VerificationStatus
    events: int = 0
    followed: int = 0
    is_complete: bool = True
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> Difference | None:
        """The first difference."""
        return self.differences[0] if self.differences else None


def verify(definition: StateMachine | Program, recording: Recording, rules: Rules | None = None) -> Verification:
    """The verdict on one recording. Raises UnsupportedError when the definition cannot be run."""
    program = definition if isinstance(definition, Program) else Program(definition)
    notes = tuple(_note(problem.place, problem.what) for problem in recording.problems)
    events, is_complete = len(recording.events), recording.end is not None
    reason = _why_not(recording)
    if reason:
        status = VerificationStatus.NOT_VERIFIED
        return Verification(recording.title, status, events, 0, is_complete, reason=reason, notes=notes)
    found = replay(program, recording, rules=rules)
    differences = tuple(sorted(found.differences, key=lambda difference: difference.event_id))
    if differences and differences[0].kind == "unknown":
        reason = f"event {differences[0].event_id}: {differences[0].explanation}"
        status, followed = VerificationStatus.NOT_VERIFIED, found.events_followed
        return Verification(recording.title, status, events, followed, is_complete, reason=reason, notes=notes)
    status = VerificationStatus.DIVERGES if differences else VerificationStatus.IDENTICAL
    return Verification(recording.title, status, events, found.events_followed, is_complete, differences, notes=notes)


def _why_not(recording: Recording) -> str:
    if recording.why_not_followed:
        return recording.why_not_followed
    if not recording.has_data:
        return "it was recorded without execution data"
    if recording.events[0].type != "ExecutionStarted":
        return f"its first event, ExecutionStarted, is missing: it begins with {recording.events[0].type}"
    if recording.missing_ids:
        return f"event {recording.missing_ids[0]} is missing"
    redriven = next((event for event in recording.events if event.type.endswith("Redriven")), None)
    if redriven is not None:
        return f"the execution was redriven (event {redriven.id}), which sfdebug does not replay"
    return ""


def verify_files(machine: StateMachine, paths: Sequence[str], rules: Rules | None = None) -> Iterator[Verification]:
    """The verdicts on all executions in files, folders (with all below them) and globs, in that order.

    A file of a folder or a glob that holds no history is passed over. Raises UsageError when a path names nothing,
    UnsupportedError when the definition cannot be run.
    """
    program = Program(machine)
    for path, is_named in history_files(paths):
        try:
            recordings = read_recordings(path)
        except RecordingError as error:
            if is_named:
                yield Verification(str(path), VerificationStatus.NOT_VERIFIED, reason=_reason(error, str(path)))
            continue
        for recording in recordings:
            yield _guarded(program, recording, rules)


def verify_found(
    machine: StateMachine, found: Iterable[tuple[str, Recording | SfdebugError, bool]], rules: Rules | None = None
) -> Iterator[Verification]:
    """The verdicts on executions as they are found: a title, the recording or why there is none, and whether it was
    named itself. What was not, and holds no history, is passed over.

    Raises UnsupportedError when the definition cannot be run.
    """
    program = Program(machine)
    for title, recording, is_named in found:
        if not isinstance(recording, SfdebugError):
            yield _guarded(program, recording, rules)
        elif is_named:
            yield Verification(title, VerificationStatus.NOT_VERIFIED, reason=_reason(recording, title))


def _guarded(program: Program, recording: Recording, rules: Rules | None) -> Verification:
    try:
        return verify(program, recording, rules)
    except RecordingError as error:
        status = VerificationStatus.NOT_VERIFIED
        return Verification(recording.title, status, len(recording.events), reason=_reason(error, recording.title))


def _reason(error: SfdebugError, title: str) -> str:
    return error.what if not error.where or error.where == title else f"{error.where}: {error.what}"


def _note(place: str, what: str) -> str:
    return f"{place}: {what}" if place else what


def history_files(paths: Iterable[str]) -> list[tuple[Path, bool]]:
    """The files that paths name, each once, and whether it was named itself. Raises UsageError for nothing."""
    found: dict[Path, bool] = {}
    for given in paths:
        path = Path(given)
        if _is(path, "dir"):
            files = _files_below(path)
            if not files:
                raise UsageError("there is no history in this folder", where=given, fix="Histories are .json files.")
            for file in files:
                found.setdefault(file, False)
        elif _is(path, "exists"):
            found[path] = True
        else:
            matches = sorted(glob.glob(given, recursive=True)) if any(mark in given for mark in _GLOB) else []
            if not matches:
                raise UsageError("there is no such file or folder", where=given, fix="Check the path.")
            for match in matches:
                if Path(match).is_dir():
                    for file in _files_below(Path(match)):
                        found.setdefault(file, False)
                else:
                    found.setdefault(Path(match), False)
    return list(found.items())


def _is(path: Path, what: str) -> bool:
    try:
        return path.is_dir() if what == "dir" else path.exists()
    except (OSError, ValueError):
        return False


def _files_below(folder: Path) -> list[Path]:
    files = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            is_definition = ".asl." in name
            if name.endswith(_SUFFIXES) and name not in _NO_HISTORIES and not is_definition:
                files.append(Path(root, name))
    return files
