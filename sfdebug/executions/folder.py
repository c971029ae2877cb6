"""The executions in a folder: an archive that `sfdebug fetch` wrote, or any histories. Nothing is asked of AWS.

A list of thousands comes up from the index and from descriptions; a history is read when it is asked for.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.aws.arns import ArnKind, read_arn
from sfdebug.aws.errors import InvalidArnError
from sfdebug.aws.listing import MachineEntry, Wanted, matches
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.executions.index import INDEX, IndexedFile, index_of
from sfdebug.executions.outcome import (
    SUCCEEDED,
    ExecutionOutcome,
    Known,
    definition_hash,
    described,
    outcome_of,
    takes,
)
from sfdebug.executions.source import NAMELESS, Count, MachineCounts, MapRunFacts
from sfdebug.files import MAX_TEXT_BYTES, read_file
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reading.read import (
    DESCRIPTION,
    SAVED_DEFINITION,
    SAVED_HISTORIES,
    chosen,
    is_folder,
    read_recordings,
)
from sfdebug.history.recording import RecordingError
from sfdebug.history.started import started_in
from sfdebug.history.verification.verify import history_files, is_something_else
from sfdebug.limits import MAX_DEFINITION_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sfdebug.history.recording import Recording
    from sfdebug.values import Json

_PAGE: Final = 1000
_MOST_SEARCHED: Final = 50
"""Histories that are read to find the one that started a Map Run."""


class FolderSource:
    """The executions below a folder, or in one file."""

    def __init__(self, path: str | Path, *, is_archive: bool = False) -> None:
        self.path = Path(path)
        self._folder = self.path if is_folder(self.path) else self.path.parent
        self._index = index_of(self._folder, is_archive=is_archive)
        self._is_archive = is_archive or self._index.path == self._folder / INDEX
        self._lock = Lock()
        self._all: dict[str, ExecutionOutcome] | None = None

    @property
    def title(self) -> str:
        """The folder's path."""
        return str(self.path)

    def machines(self, name: str = "") -> Iterator[list[MachineEntry]]:
        """The state machines that some execution is of, by name; one without a name where that is not recorded."""
        found: dict[str, MachineEntry] = {}
        for outcome in self._outcomes().values():
            arn = outcome.state_machine_arn or NAMELESS
            if arn not in found and matches(name, outcome.state_machine_name):
                kind = "EXPRESS" if ":express:" in outcome.arn else "STANDARD" if outcome.arn else ""
                found[arn] = MachineEntry(arn, _machine_name(arn), kind, None)
        yield sorted(found.values(), key=lambda one: (one.name.lower(), one.arn))

    def counts(self, machine: MachineEntry, since: int | None = None) -> MachineCounts:
        """All that are there are counted."""
        there = [one for one in self._outcomes().values() if (one.state_machine_arn or NAMELESS) == machine.arn]
        failed = [
            one for one in there if one.is_unsuccessful and (since is None or (one.newest_time or since) >= since)
        ]
        return MachineCounts(Count(sum(one.is_running for one in there)), Count(len(failed)), since)

    def executions(self, of: str = "", wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        """Those of a state machine (its ARN or its name) or a Map Run; all for ""."""
        wanted = wanted or Wanted()
        found = [one for one in self._outcomes().values() if _is_of(one, of) and takes(wanted, one)]
        found.sort(key=lambda one: one.key)
        found.sort(key=lambda one: one.newest_time or 0, reverse=True)
        if wanted.statuses:
            found.sort(key=lambda one: wanted.statuses.index(one.status))
        for start in range(0, len(found), _PAGE):
            yield found[start : start + _PAGE]

    def news(self, of: str, known: Mapping[str, ExecutionOutcome]) -> list[ExecutionOutcome]:
        """Those whose files are new or have changed: the folder is looked through again."""
        with self._lock:
            self._all = None
        fresh = (one for page in self.executions(of) for one in page)
        return [one for one in fresh if one.key not in known or _differs(one, known[one.key])]

    def outcome(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        """Its history is read and followed, once. Raises RecordingError."""
        if outcome.known >= Known.END or not outcome.place:
            return outcome
        definition = self.definition(outcome)
        found = outcome_of(self.recording(outcome), None, outcome)
        found = replace(found, definition_hash=definition_hash(definition) if definition else "")
        self._note(found)
        return found

    def outcomes(self, many: Iterable[ExecutionOutcome]) -> Iterator[ExecutionOutcome]:
        """As `outcome`, one after the other."""
        for one in many:
            try:
                yield self.outcome(one)
            except SfdebugError as error:
                yield replace(one, refusal=error.what)

    def add(self, path: Path) -> ExecutionOutcome | None:
        """Take note of the history that was just written to a file below the folder; of an execution that ended without
        success all that it tells. None when there is none in it."""
        with self._lock:
            if self._all is None:
                self._all = self._read_all()
            placed = self._put(path, IndexedFile(self._name(path), *_stamp(path), tuple(_look_at(path))))
        if placed is None:
            return None
        return next(self.outcomes([placed])) if placed.is_unsuccessful else placed

    def recording(self, outcome: ExecutionOutcome) -> Recording:
        """All of its history, from its file. Raises RecordingError."""
        recordings = read_recordings(outcome.place)
        if len(recordings) == 1:
            return recordings[0]
        return chosen(recordings, outcome.label or outcome.arn or outcome.name, outcome.place, "by its ARN")

    def find(self, arn: str) -> ExecutionOutcome:
        """The execution with that ARN. Raises RecordingError when it is not in the folder."""
        found = self._outcomes().get(arn)
        if found is None:
            raise RecordingError("it is not in the folder", where=arn, fix=f"sfdebug fetch {arn} saves it.")
        return found

    def map_run(self, arn: str) -> MapRunFacts:
        """What is known of a Map Run: the execution whose history names it, among those of its state machine, and the
        children that are there. A history does not say how many there were."""
        machine = read_arn(arn).state_machine_arn
        there = [one for one in self._outcomes().values() if one.state_machine_arn == machine]
        there.sort(key=lambda one: (not one.is_unsuccessful, -(one.newest_time or 0)))
        for outcome in there[:_MOST_SEARCHED]:
            alignment = align(self.recording(outcome))
            started = next((one for one in started_in(alignment) if one.arn == arn), None)
            if started is not None:
                status = {True: "FAILED", False: SUCCEEDED}.get(started.failed, "")  # type: ignore[arg-type]
                return MapRunFacts(arn, outcome.arn, status)
        return MapRunFacts(arn)

    def definition(self, outcome: ExecutionOutcome) -> str | None:
        """The text of the definition that fetch saved beside it."""
        folder = Path(outcome.place).parent
        if not outcome.place or not (folder / DESCRIPTION).is_file():
            return None
        try:
            return read_file(folder / SAVED_DEFINITION, 4 * MAX_DEFINITION_BYTES).decode("utf-8-sig").rstrip("\n")
        except (OSError, ValueError):
            return None

    # reading the folder

    def _outcomes(self) -> dict[str, ExecutionOutcome]:
        with self._lock:
            if self._all is None:
                self._all = self._read_all()
            return self._all

    def _read_all(self) -> dict[str, ExecutionOutcome]:
        """What the index and the files that it does not know say. Raises UsageError for a folder without any."""
        found: dict[str, ExecutionOutcome] = {}
        known: list[str] = []
        fresh: list[IndexedFile] = []
        for path in self._files():
            name = self._name(path)
            file = self._index.files.get(name)
            size, changed, described_at = _stamp(path)
            if file is None or (file.size, file.changed, file.described) != (size, changed, described_at):
                file = IndexedFile(name, size, changed, described_at, tuple(_look_at(path)))
                fresh.append(file)
            known.append(name)
            for outcome in file.outcomes:
                placed = _placed(outcome, path, name)
                found[placed.key] = placed
        self._index.put(*fresh)
        self._index.keep_only(known)
        return found

    def _files(self) -> list[Path]:
        """The files that can hold histories; an archive may have none yet."""
        try:
            return [path for path, _ in history_files([str(self.path)])]
        except UsageError:
            if self._is_archive:
                return []
            raise

    def _name(self, path: Path) -> str:
        """What a file is called in the index."""
        return path.relative_to(self._folder).as_posix()

    def _put(self, path: Path, file: IndexedFile) -> ExecutionOutcome | None:
        """Keep what is in a file, in place of what was there; the first of its executions."""
        assert self._all is not None, "the folder was read"
        before = self._index.files.get(file.path)
        for one in before.outcomes if before is not None else ():
            self._all.pop(_placed(one, path, file.path).key, None)
        self._index.put(file)
        placed = [_placed(one, path, file.path) for one in file.outcomes]
        self._all |= {one.key: one for one in placed}
        return placed[0] if placed else None

    def _note(self, outcome: ExecutionOutcome) -> None:
        """Keep what was found out about an execution, in the line of its file."""
        with self._lock:
            if self._all is not None:
                self._all[outcome.key] = outcome
            name = self._name(Path(outcome.place))
            file = self._index.files.get(name)
            if file is not None:
                kept = replace(outcome, place="", called="")
                same = tuple(kept if _is_same(one, kept) else one for one in file.outcomes)
                self._index.put(replace(file, outcomes=same))


def _placed(outcome: ExecutionOutcome, path: Path, name: str) -> ExecutionOutcome:
    """An execution that was found in a file, of that name in the folder."""
    called = f"{name}#{outcome.label}" if outcome.label else name
    return replace(outcome, place=str(path), called=called)


def _is_same(one: ExecutionOutcome, other: ExecutionOutcome) -> bool:
    return (one.arn, one.label) == (other.arn, other.label)


def _differs(one: ExecutionOutcome, other: ExecutionOutcome) -> bool:
    return (one.status, one.redrive_count, one.stopped_at) != (other.status, other.redrive_count, other.stopped_at)


def _machine_name(arn: str) -> str:
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else ""


def _is_of(outcome: ExecutionOutcome, of: str) -> bool:
    if of == NAMELESS:
        return not outcome.state_machine_arn
    if not of or of in (outcome.state_machine_arn, outcome.state_machine_name):
        return True
    try:
        return read_arn(of).kind is ArnKind.MAP_RUN and outcome.map_run_arn == of
    except InvalidArnError:
        return False


def _stamp(path: Path) -> tuple[int, int, int]:
    """What tells whether a history or the description beside it has changed."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    if path.name not in SAVED_HISTORIES:
        return found.st_size, found.st_mtime_ns, 0
    try:
        beside = os.stat(path.with_name(DESCRIPTION)).st_mtime_ns
    except OSError:
        beside = 0
    return found.st_size, found.st_mtime_ns, beside


def _look_at(path: Path) -> Iterator[ExecutionOutcome]:
    """What became of the executions in a file: of one that fetch saved what its description says, else all of it."""
    description = _description(path.with_name(DESCRIPTION)) if path.name == SAVED_HISTORIES[0] else None
    if description is not None:
        yield described(description)
        return
    try:
        recordings = read_recordings(path)
    except RecordingError as error:
        if not is_something_else(path):
            yield ExecutionOutcome(refusal=error.what)
        return
    for recording in recordings:
        yield replace(outcome_of(recording), label=recording.label)


def _description(path: Path) -> Mapping[str, Json] | None:
    try:
        value = json.loads(read_file(path, MAX_TEXT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value.get("executionArn") and value.get("status") else None


def source_of_folder(path: str) -> FolderSource:
    """The executions in a folder or a file. Raises UsageError when there is nothing there."""
    if not Path(path).exists():
        raise UsageError("there is no such file or folder", where=path, fix="Check the path.")
    return FolderSource(path)
