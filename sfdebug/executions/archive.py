"""An archive: a folder of executions that were read from AWS, one folder for each, below that of its state machine.

What is written is whole or not there: it is made in a folder of its own and then moved into place, so that whoever is
killed leaves nothing half. What is there is not asked for again, and so the same command goes on where it ended. An
archive says itself whether its values were replaced (`--redact`), and has the index of its executions with it.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from sfdebug.aws.arns import ArnKind, read_arn
from sfdebug.aws.concurrency import read_together
from sfdebug.aws.errors import OF_ONE_THING, AwsError, DeniedError
from sfdebug.aws.express import LogSearch, read_logged
from sfdebug.aws.fetching import Definitions, FetchedExecution, FetchedExpress, fetch_listed
from sfdebug.aws.saving import file_name, files_of, save
from sfdebug.errors import UsageError
from sfdebug.executions.disk import append_lines, write_whole
from sfdebug.executions.folder import FolderSource
from sfdebug.executions.index import INDEX
from sfdebug.files import read_file
from sfdebug.history.reading.read import SAVED_HISTORIES
from sfdebug.limits import EXPRESS_MAX_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.express import MachineLog
    from sfdebug.aws.listing import ExecutionEntry
    from sfdebug.aws.saving import Fetched
    from sfdebug.aws.session import AwsReader
    from sfdebug.executions.outcome import ExecutionOutcome

MARK: Final = ".sfdebug-archive"
"""The file in which an archive says what it is."""
_PART: Final = ".sfdebug-part"
"""The folder in which executions are written before they are moved into place."""
_REPLACED: Final = "replaced"
_VERSION: Final = 1
_MOST_DENIED: Final = 20
"""So many executions, one after the other, may be denied until that is taken to hold for all."""
_LONGEST: Final = EXPRESS_MAX_SECONDS * 1000
_AROUND: Final = 120_000
"""Milliseconds by which an event can come late to a log, or a clock be off."""


class _Mark(Struct, frozen=True):
    """What stands in the file of that name."""

    version: int
    redacted: bool


class Taken(Struct, frozen=True):
    """What came of one execution: what became of it and the folder that it is in now, or why AWS did not give it.
    `map_runs` are the ARNs of those that it started: their children are not in the archive."""

    arn: str
    outcome: ExecutionOutcome | None = None
    folder: Path | None = None
    error: AwsError | None = None
    refusals: tuple[AwsError, ...] = ()
    map_runs: tuple[str, ...] = ()


class Archive:
    """An archive that executions are added to. Made by `opened_archive`."""

    def __init__(self, folder: Path, *, redacts: bool) -> None:
        self.folder = folder
        self.redacts = redacts
        self.source = FolderSource(folder, is_archive=True)
        self._part = folder / _PART
        self._there: dict[str, ExecutionOutcome] = {}
        self._places: dict[str, str] = {}
        """By folder, in lower case: some file systems take a and A for one."""
        self._tidy()
        for page in self.source.executions():
            for one in page:
                self._note(one)

    def lacks(self, arn: str, redrive_count: int = 0) -> bool:
        """Whether an execution is not there as it ended: not at all, as it ran, or before a redrive."""
        there = self._there.get(_identity(arn))
        return there is None or not there.is_over or there.redrive_count < redrive_count

    def add(self, arn: str, fetched: Fetched) -> tuple[ExecutionOutcome | None, Path]:
        """Write an execution, in the place of what is there of it. Gives back what became of it, and its folder.

        Raises UsageError when it cannot be written; then nothing of it is there.
        """
        read = read_arn(arn)
        place = self._place_for(read)
        files = files_of(fetched, redact=self.redacts, arn=arn)
        made = self._part / place.name
        shutil.rmtree(made, ignore_errors=True)
        save(files, made, force=True)
        try:
            self._put_in_place(made, place)
        except OSError as error:
            raise UsageError(f"the folder cannot be written: {error.strerror or error}", where=str(place)) from error
        history = next((place / name for name in SAVED_HISTORIES if (place / name).is_file()), None)
        outcome = self.source.add(history) if history is not None else None
        if outcome is not None:
            self._note(outcome)
        return outcome, place

    def _put_in_place(self, made: Path, place: Path) -> None:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        if place.exists():
            old = self._part / _REPLACED / place.parent.name / place.name
            old.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.rename(old)
            made.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            made.rename(place)

    def _place_for(self, arn: Arn) -> Path:
        """The folder for an execution: called like it, and otherwise where another one has that name."""
        identity = _identity(arn.text)
        machine = self.folder / file_name(arn.state_machine)
        name = file_name(arn.name)
        if arn.kind is ArnKind.EXPRESS_EXECUTION:  # several can have one name
            name = file_name(f"{arn.name}-{arn.text.rpartition(':')[2]}")
        for one in (name, f"{name[:150]}-{sha256(identity.encode()).hexdigest()[:12]}"):
            place = machine / one
            owner = self._places.get(str(place).lower())
            if owner == identity or (owner is None and not place.exists()):
                self._places[str(place).lower()] = identity
                return place
        what = "this is no execution of this archive, and is not overwritten"
        raise UsageError(what, where=str(place), fix="Move it away, or name another folder: -o DIR")

    def _note(self, outcome: ExecutionOutcome) -> None:
        if outcome.arn:
            identity = _identity(outcome.arn)
            self._there[identity] = outcome
            self._places[str(Path(outcome.place).parent).lower()] = identity

    def _tidy(self) -> None:
        """Put back what was about to be replaced when somebody ended the program, and drop what was half written."""
        replaced = self._part / _REPLACED
        for old in sorted(replaced.glob("*/*")):
            place = self.folder / old.parent.name / old.name
            if not place.exists():
                with suppress(OSError):
                    old.rename(place)
        shutil.rmtree(self._part, ignore_errors=True)


@contextmanager
def opened_archive(folder: Path, *, redacts: bool = False, force: bool = False) -> Iterator[Archive]:
    """An archive in `folder`, new or gone on with, that nobody else writes to meanwhile.

    `redacts`: the values are replaced in what is written. Raises UsageError when the folder is of another kind: with
    other files in it (unless `force`), or redacted where this would not be.
    """
    check_archive(folder, redacts=redacts, force=force)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the folder cannot be made: {error.strerror or error}", where=str(folder)) from error
    with _locked(folder):
        if _mark_of(folder) is None and not write_whole(
            folder / MARK, msgspec.json.encode(_Mark(_VERSION, redacts)) + b"\n"
        ):
            raise UsageError("the folder cannot be written", where=str(folder), fix="Name another: -o DIR")
        append_lines(folder / INDEX, ())
        archive = Archive(folder, redacts=redacts)
        try:
            yield archive
        finally:
            shutil.rmtree(folder / _PART, ignore_errors=True)


def check_archive(folder: Path, *, redacts: bool = False, force: bool = False) -> None:
    """Raises UsageError when nothing can be added to the archive in a folder, as `opened_archive` does."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is a file, and a folder is needed", where=str(folder), fix="Name another: -o DIR")
    if not force and folder.exists() and not any((folder / name).is_file() for name in (MARK, INDEX)):
        other = next((entry.name for entry in os.scandir(folder)), None)
        if other is not None:
            what = f"this folder is no archive of executions: it holds {file_name(other)}"
            raise UsageError(what, where=str(folder), fix="Name another (-o DIR), or add --force.")
    mark = _mark_of(folder)
    if mark is not None and mark.redacted != redacts:
        what = "this archive is redacted" if mark.redacted else "in this archive nothing is redacted"
        fix = f"{'Add' if mark.redacted else 'Leave out'} --redact, or name another folder: -o DIR"
        raise UsageError(what, where=str(folder), fix=fix)


def _mark_of(folder: Path) -> _Mark | None:
    try:
        return msgspec.json.decode(read_file(folder / MARK, 1 << 16), type=_Mark)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Nobody else writes to the archive inside. Raises UsageError when somebody does."""
    try:
        import fcntl
    except ImportError:  # Windows: two at once replace each other's executions by the same ones
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            what = "another sfdebug writes to this archive"
            raise UsageError(what, where=str(folder), fix="Wait for it, or name another folder: -o DIR") from error
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(descriptor)


def _identity(arn: str) -> str:
    """What an execution is known by in an archive: its ARN without the account, which --redact replaces."""
    parts = arn.split(":")
    return ":".join((*parts[:4], *parts[5:]))


# Filling it


def take_standard(archive: Archive, reader: AwsReader, entries: Sequence[ExecutionEntry]) -> Iterator[Taken]:
    """Read executions of one state machine out of AWS's list, several at once, and write each as it comes.

    What AWS says of one alone does not stop the others: it is in its answer. Raises AwsError for what holds for all,
    and UsageError for what cannot be written; what is written by then stays.
    """
    definitions = Definitions(reader, entries)
    asked = ((entry.arn, lambda entry=entry: fetch_listed(reader, entry, definitions)) for entry in entries)
    return _taken(archive, reader, asked)


def take_express(
    archive: Archive, reader: AwsReader, log: MachineLog, found: Iterable[ExecutionOutcome]
) -> Iterator[Taken]:
    """The same with executions of an Express state machine, each read from the log around the time that it ran."""
    asked = ((one.arn, lambda one=one: _logged(reader, log, one)) for one in found)
    return _taken(archive, reader, asked)


def _logged(reader: AwsReader, log: MachineLog, outcome: ExecutionOutcome) -> FetchedExpress:
    began = outcome.started_at if outcome.started_at is not None else (outcome.stopped_at or 0) - _LONGEST
    ended = outcome.stopped_at if outcome.stopped_at is not None else began + _LONGEST
    search = LogSearch(began - _AROUND, ended + _AROUND, log.group)
    return FetchedExpress(outcome.arn, read_logged(reader, log, read_arn(outcome.arn), search))


def _taken(archive: Archive, reader: AwsReader, asked: Iterable[tuple[str, Callable[[], Fetched]]]) -> Iterator[Taken]:
    """What comes of each. After an error that holds for all nothing more is asked; what was under way is written."""
    fatal: list[AwsError] = []
    denied = 0

    def questions() -> Iterator[tuple[str, Callable[[], Fetched]]]:
        for one in asked:
            if fatal:
                return
            yield one

    for (arn, _), answer in read_together(lambda one: one[1](), questions(), reader.cancellation):
        if not isinstance(answer, AwsError):
            denied = 0
            outcome, folder = archive.add(arn, answer)
            yield Taken(arn, outcome, folder, refusals=_refusals(answer), map_runs=tuple(_map_runs(answer)))
            continue
        denied = denied + 1 if isinstance(answer, DeniedError) else 0
        if not isinstance(answer, OF_ONE_THING) or denied >= _MOST_DENIED:
            fatal.append(answer)
        elif not fatal:
            yield Taken(arn, error=answer)
    if fatal:
        raise fatal[0]


def _refusals(fetched: Fetched) -> tuple[AwsError, ...]:
    if isinstance(fetched, FetchedExecution):
        return fetched.refusals
    return fetched.log.refusals if isinstance(fetched, FetchedExpress) else ()


def _map_runs(fetched: Fetched) -> Iterator[str]:
    for event in (fetched.events or ()) if isinstance(fetched, FetchedExecution) else ():
        details = event.get("mapRunStartedEventDetails")
        if isinstance(details, dict) and isinstance(details.get("mapRunArn"), str):
            yield str(details["mapRunArn"])
