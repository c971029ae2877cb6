"""What the home screen remembers from one run to the next: what was opened, and whether the tour was seen."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from sfdebug.files import place_beside, read_file
from sfdebug.projects.addresses import DefinitionAddress, ProjectValues

MOST_RECENTS: Final = 30
_MAX_BYTES: Final = 1 << 20


class Recent(Struct, frozen=True):
    """A definition or a recording that was opened, with the files that belonged to it. Paths are absolute.

    `path` is `PATH#NAME` for a machine of a project, which was opened with these `values`; `input` is the file that it
    was read from, "" where there is none.
    """

    path: str
    time: float
    is_recording: bool = False
    mocks: str = ""
    case: str = ""
    input: str = ""
    values: ProjectValues = field(default_factory=ProjectValues)

    @property
    def address(self) -> DefinitionAddress:
        """Where the definition is."""
        return DefinitionAddress.read(self.path, None, self.values)


class HomeMemory(Struct, frozen=True):
    """All that is remembered. The newest recent comes first."""

    recents: tuple[Recent, ...] = ()
    has_seen_tour: bool = False


def memory_file() -> Path | None:
    """Where it is kept: among the platform's files of state; None without a home directory."""
    from platformdirs import user_state_path

    folder = user_state_path("sfdebug", appauthor=False)
    return folder / "home.json" if folder.is_absolute() else None


def read_memory() -> HomeMemory:
    """What is remembered; nothing where it cannot be read, for nothing depends on it."""
    path = memory_file()
    if path is None:
        return HomeMemory()
    try:
        memory = msgspec.json.decode(read_file(path, _MAX_BYTES), type=HomeMemory)
    except (OSError, ValueError, msgspec.MsgspecError):
        return HomeMemory()
    return replace(memory, recents=memory.recents[:MOST_RECENTS])


def remember(recent: Recent) -> None:
    """Put `recent` in front of the others; the oldest goes."""
    memory = read_memory()
    others = tuple(one for one in memory.recents if one.path != recent.path)
    _write(replace(memory, recents=(recent, *others)[:MOST_RECENTS]))


def remember_tour() -> None:
    """The tour was seen, or left."""
    memory = read_memory()
    if not memory.has_seen_tour:
        _write(replace(memory, has_seen_tour=True))


def recent_of(
    path: str,
    *,
    is_recording: bool = False,
    mocks: str = "",
    case: str = "",
    input: str = "",
    values: ProjectValues | None = None,
) -> Recent:
    """What is opened now."""
    return Recent(path, time.time(), is_recording, mocks, case, input, values or ProjectValues())


def _write(memory: HomeMemory) -> None:
    """Write it whole or not at all, for the user alone; what cannot be written is not remembered."""
    path = memory_file()
    if path is None:
        return
    beside = place_beside(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(memory))
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
