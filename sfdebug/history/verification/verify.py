"""Verifying files: whether a definition still does what recorded executions did, one verdict for each of them."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine import Program
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.files import MAX_HISTORY_BYTES, has_too_many_values, read_file
from sfdebug.history.reading.documents import is_yaml
from sfdebug.history.reading.gathering import place_of_history
from sfdebug.history.reading.read import DESCRIPTION, DefinitionsBeside, is_folder, is_there, read_recordings
from sfdebug.history.recording import RecordingError
from sfdebug.history.verification.covering import verify_taken
from sfdebug.history.verification.effects import verify_effects
from sfdebug.history.verification.mending import not_verified, verify_mending
from sfdebug.history.verification.verdict import Verification, VerificationStatus, verify

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.recording import Recording
    from sfdebug.history.replay.event_comparison import Rules

_SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".csv", ".log", ".gz", ".yaml", ".yml")
_NO_HISTORIES: Final = (DESCRIPTION, "input.json", "MockConfigFile.json")
_OWN: Final = ".sfdebug-"
"""What sfdebug's own files and folders begin with in an archive: what is half written is none of its histories."""
_GLOB: Final = "*?["


class FolderFile(Struct, frozen=True, gc=False):
    """A file of a folder or a glob that is no history, and was passed over."""

    path: str


FoundExecution: TypeAlias = "tuple[str, Recording | SfdebugError, bool, Path | None, StateMachine | None]"
"""A title, the recording or why there is none, whether it was asked for by itself, its file, if it has one, and the
definition that it ran, if that is known."""


def found_in(path: Path, is_named: bool) -> Iterator[FoundExecution]:
    """The executions in a file, or why there is none."""
    try:
        recordings = read_recordings(path)
    except RecordingError as error:
        yield str(path), error, is_named, path, None
        return
    for recording in recordings:
        yield recording.title, recording, is_named, path, None


def verify_found(
    machine: StateMachine | Program,
    found: Iterable[FoundExecution],
    rules: Rules | None = None,
    *,
    recorded_definition: StateMachine | None = None,
    same_effects: bool = False,
    outcomes: bool = False,
    coverage: bool = False,
    beside: DefinitionsBeside | None = None,
) -> Iterator[Verification | FolderFile]:
    """The verdicts on executions, as they are found.

    What was found in a folder or by a glob and is empty or cannot be read has a verdict, too: nothing passes for
    verified that was not looked at. A file there that can be read and is no history at all is passed over, and said.

    Args:
        machine: The definition that is verified.
        found: The executions.
        rules: What counts as a difference.
        recorded_definition: The definition that all of them ran; by default the one beside each, if there is one.
        same_effects: Only what Tasks call, and how the execution ends, is compared.
        outcomes: It is found out, too, what would have come of each, and what of the definition it took.
        coverage: It is found out, too, what of the definition each took when it was recorded.
        beside: The definitions beside files that are known already.

    Raises UnsupportedError when the definition cannot be run.
    """
    program = machine if isinstance(machine, Program) else Program(machine)
    beside = beside or DefinitionsBeside()
    for title, recording, is_named, path, ran in found:
        if not isinstance(recording, SfdebugError):
            known = recorded_definition or ran
            if known is None and path is not None and recording.facts.arn:  # the description beside is this one's
                known = beside.definition_of(path)
            yield verify_one(
                program,
                recording,
                rules,
                recorded_definition=known,
                same_effects=same_effects,
                outcomes=outcomes,
                coverage=coverage,
            )
        elif is_named or path is None or not is_something_else(path):
            yield _unread(title, recording, outcomes=outcomes)
        else:
            yield FolderFile(str(path))


def verify_one(
    program: Program,
    recording: Recording,
    rules: Rules | None = None,
    *,
    recorded_definition: StateMachine | None = None,
    same_effects: bool = False,
    outcomes: bool = False,
    coverage: bool = False,
) -> Verification:
    """The verdict on one recording, also when it cannot be run at all."""
    judge = verify_effects if same_effects else verify_mending if outcomes else verify_taken if coverage else verify
    try:
        return judge(program, recording, rules, recorded_definition=recorded_definition)
    except RecordingError as error:
        return replace(_unread(recording.title, error, recording, outcomes=outcomes), events=len(recording.events))


def _unread(title: str, error: SfdebugError, recording: Recording | None = None, *, outcomes: bool) -> Verification:
    reason = error.what if not error.where or error.where == title else f"{error.where}: {error.what}"
    mending = not_verified(recording, (reason,)) if outcomes else None
    return Verification(title, VerificationStatus.NOT_VERIFIED, is_complete=False, reasons=(reason,), mending=mending)


def is_something_else(path: Path) -> bool:
    """Whether a file is whole JSON, or YAML, of something else than a history: a definition, an input.

    What holds nothing, like the `null` that a filter prints when it finds none, was meant to be one.
    """
    try:
        data = read_file(path, MAX_HISTORY_BYTES)
        if has_too_many_values(data):
            return False
        if path.suffix in (".yaml", ".yml"):
            text = data.decode("utf-8-sig")
            return bool(text.strip()) and not is_yaml(text)
        value = json.loads(data)
    except (OSError, ValueError, RecursionError):
        return False
    if isinstance(value, dict) and (isinstance(value.get("events"), list) or place_of_history(value)):
        return False
    return value not in ([], None)


def history_files(paths: Iterable[str]) -> list[tuple[Path, bool]]:
    """The files that paths name, each once however it is written, and whether it was named itself.

    Raises UsageError for nothing.
    """
    found: dict[str, tuple[Path, bool]] = {}

    def add(file: Path, *, is_named: bool = False) -> None:
        first, was_named = found.get(key := os.path.abspath(file), (file, False))
        found[key] = first, is_named or was_named

    for given in paths:
        path = Path(given)
        if is_folder(path):
            files = _files_below(path)
            if not files:
                raise UsageError("there is no history in this folder", where=given, fix="Histories are .json files.")
            for file in files:
                add(file)
        elif is_there(path):
            add(path, is_named=True)
        else:
            matches = sorted(glob.glob(given, recursive=True)) if any(mark in given for mark in _GLOB) else []
            if not matches:
                raise UsageError("there is no such file or folder", where=given, fix="Check the path.")
            for match in matches:
                if Path(match).is_dir():
                    for file in _files_below(Path(match)):
                        add(file)
                else:
                    add(Path(match))
    return list(found.values())


def _files_below(folder: Path) -> list[Path]:
    files = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(_OWN))
        for name in sorted(names):
            is_definition = ".asl." in name
            if name.endswith(_SUFFIXES) and name not in _NO_HISTORIES and not is_definition:
                files.append(Path(root, name))
    return files
