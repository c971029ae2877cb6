"""A definition that is open: it is read again when its files have changed, and states are found in them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from sfdebug.asl.text.placed import PlacedSource
from sfdebug.errors import SfdebugError
from sfdebug.projects.addresses import DefinitionAddress, OpenedDefinition

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.projects.addresses import ProjectValues
    from sfdebug.projects.project import Project

FileStamp: TypeAlias = "tuple[int, int]"
"""When a file was written, in nanoseconds since 1970, and its size."""

_NOT_READ: Final[FileStamp] = (-1, -1)
"""That of a file that was written since its reading began: nobody knows whether what was read is what was written."""
_GRAIN: Final = 20_000_000
"""Nanoseconds by which the time of a file may lag behind the clock."""


class DefinitionInUse:
    """What an address led to when it was read last. Without `opened` it is read when it is first asked for."""

    def __init__(self, address: DefinitionAddress, opened: OpenedDefinition | None = None) -> None:
        self.address = address.absolute()
        self._opened = opened
        self._is_read = opened is not None
        self._stamps: dict[str, FileStamp | None] = {}

    @classmethod
    def of(cls, opened: OpenedDefinition) -> DefinitionInUse:
        """One that was opened."""
        return cls(opened.address, opened)

    @property
    def is_of_project(self) -> bool:
        """Whether it is a machine of a project."""
        return bool(self.address.name)

    @property
    def opened(self) -> OpenedDefinition | None:
        """What was read last; None when it cannot be read."""
        if not self._is_read:
            self._is_read = True
            try:
                self._opened = self.address.opened()
            except SfdebugError:
                self._opened = None
        return self._opened

    @property
    def project(self) -> Project | None:
        """The project as it was read last; None for a definition of its own."""
        return self.opened.project if self.is_of_project and self.opened is not None else None

    @property
    def is_generated(self) -> bool:
        """Whether a program wrote the text, so that nobody edits it."""
        opened = self.opened if self.is_of_project else None
        return opened is not None and opened.machine is not None and opened.machine.is_generated

    def read(self, values: ProjectValues | None = None) -> OpenedDefinition:
        """Read it again, with other values perhaps; it is in use when it is taken.

        Raises DefinitionError for what is wrong in it, UsageError when the machine is not there any more.
        """
        address = self.address if values is None else replace(self.address, values=values)
        opened = address.opened()
        _ = opened.definition
        return opened

    def take(self, opened: OpenedDefinition) -> None:
        """Use what was read."""
        self.address = opened.address.absolute()
        self._opened, self._is_read = opened, True
        self._stamps = self._as_read()

    # files

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it is made of."""
        return self._opened.files if self._opened is not None else (self.address.path,)

    @property
    def missing(self) -> frozenset[str]:
        """The files that were not there at the last look."""
        return frozenset(file for file, stamp in self._stamps.items() if stamp is None)

    def look(self) -> tuple[str, ...]:
        """The files that have changed since the last look; at the first look, none. What is written while a definition
        is read, or before the first look, is seen at the second."""
        if not self._stamps:
            self._stamps = self._as_read()
            return ()
        stamps = self._stamps_now()
        changed = tuple(file for file in stamps if file in self._stamps and self._stamps[file] != stamps[file])
        self._stamps = stamps
        return changed

    def _stamps_now(self) -> dict[str, FileStamp | None]:
        """Those of the files, by their paths from the root: a project says them as it was asked for."""
        return {os.path.abspath(file): file_stamp(file) for file in self.files}

    def _as_read(self) -> dict[str, FileStamp | None]:
        """How the files were when they were read: as at the look before that, or written earlier than the reading."""
        asked_at = self._opened.asked_at if self._opened is not None else 0
        stamps = self._stamps_now()
        for file, stamp in stamps.items():
            is_later = stamp is not None and 0 < asked_at - _GRAIN <= stamp[0]
            if is_later and self._stamps.get(file) != stamp:
                stamps[file] = _NOT_READ
        return stamps

    def place_of(self, machine: StateMachine, path: StatePath) -> tuple[str, int]:
        """The file to edit, and the line at which a state is written in it; `machine` is the one that runs.

        The line is that of the text as it was read last, where that is what runs: else it may have moved since.
        """
        read = self._definition()
        if read is not None and (_text(read) == _text(machine) or not _has_places(machine, self)):
            machine = read
        file = machine.document.source.name
        if not path:
            return file, machine.document.span(()).line if self.is_of_project else 1
        try:
            pointer = machine.state(path).pointer
        except KeyError:
            return file, 1
        return file, machine.document.key_span(pointer).line

    def _definition(self) -> StateMachine | None:
        try:
            return self.opened.definition if self.opened is not None else None
        except SfdebugError:
            return None


def _text(machine: StateMachine) -> str:
    return machine.document.source.text


def _has_places(machine: StateMachine, in_use: DefinitionInUse) -> bool:
    """Whether the positions of what runs are those of a file: what a session has kept is the text alone."""
    return not in_use.is_of_project or isinstance(machine.document.source, PlacedSource)


def file_stamp(file: str) -> FileStamp | None:
    """What is another one when a file has changed; None where it cannot be seen."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
