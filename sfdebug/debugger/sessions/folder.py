"""Where sessions are kept: a folder of the user's own, with a file for each; the newest of them, and no more."""

from __future__ import annotations

import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.journal import is_in_use, read_lines
from sfdebug.debugger.sessions.lines import lines_in, value_in
from sfdebug.debugger.sessions.records import Beginning, Done, Summary, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SUFFIX: Final = ".sfdebug-session"
MOST_SESSIONS: Final = 100
MOST_DAYS: Final = 90
"""So many sessions are kept, and each for so long after the last thing that was done in it."""

_DAY: Final = 86_400
_FIRST_BYTES: Final = 1 << 16
"""The first record fits in so many bytes."""


class SessionEntry(Struct, frozen=True):
    """One kept session, for lists. `time` is when something was done in it last, in seconds since 1970."""

    path: Path
    beginning: Beginning
    time: float
    summary: Summary
    size: int
    is_open: bool

    @property
    def id(self) -> str:
        """What it is called on the command line."""
        return self.path.name.removesuffix(SUFFIX)


class SessionFolder:
    """The folder of sessions."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def new_path(self) -> Path:
        """A place for a new session; what is too old goes. Raises OSError."""
        import secrets

        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.prune()
        when = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        return self.path / f"{when}-{secrets.token_hex(2)}{SUFFIX}"

    def files(self) -> list[Path]:
        """The files, the one that was written to last first."""
        found = []
        for path in self.path.glob(f"*{SUFFIX}"):
            with suppress(OSError):  # another process has deleted it, or a link leads nowhere
                status = path.stat()
                if stat.S_ISREG(status.st_mode):
                    found.append((status.st_mtime, path))
        return [path for _, path in sorted(found, key=lambda each: each[0], reverse=True)]

    def entries(self) -> Iterator[SessionEntry]:
        """The sessions that can be read, the newest first."""
        for path in self.files():
            entry = entry_of(path)
            if entry is not None:
                yield entry

    def latest(self, is_it: Callable[[Beginning], bool]) -> SessionEntry | None:
        """The newest session with such a beginning that no other process has open."""
        for path in self.files():
            beginning = first_record(path)
            if beginning is not None and is_it(beginning) and not is_in_use(path):
                entry = entry_of(path)
                if entry is not None:
                    return entry
        return None

    def named(self, name: str) -> Path:
        """The file of a kept session, by its id or the beginning of that. Raises SessionError."""
        # Every name begins with nothing: `--delete "$UNSET"` is not to take the only session there is.
        found = [path for path in self.files() if name and path.name.startswith(name)]
        exact = [path for path in found if path.name in (name, f"{name}{SUFFIX}")]
        if len(exact) == 1 or len(found) == 1:
            return (exact or found)[0]
        what = f"there are several sessions '{name}…'" if found else f"there is no session '{name}'"
        raise SessionError(what, fix="sfdebug sessions lists them.")

    def prune(self) -> None:
        """Delete what is too old, or too many; what is open stays."""
        limit = time.time() - MOST_DAYS * _DAY
        for number, path in enumerate(self.files(), start=1):
            try:
                if (number >= MOST_SESSIONS or path.stat().st_mtime < limit) and not is_in_use(path):
                    path.unlink()
            except OSError:
                continue
        for beside in self.path.glob(f"*{SUFFIX}.*"):  # what a damaged one was, what a killed program left half done
            try:
                if beside.stat().st_mtime < limit:
                    beside.unlink()
            except OSError:
                continue


def sessions_folder() -> SessionFolder:
    """Where sessions are kept: among the platform's files of state, `$XDG_STATE_HOME` where it is set.

    Raises SessionError when there is no home directory.
    """
    from platformdirs import user_state_path

    folder = user_state_path("sfdebug", appauthor=False)
    if not folder.is_absolute():
        raise SessionError("there is no home directory to keep sessions in")
    return SessionFolder(folder / "sessions")


def first_record(path: Path) -> Beginning | None:
    """What a session is of; None for what is none, or cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_FIRST_BYTES)
        record = record_of(value_in(lines_in(data[: data.find(b"\n") + 1]).texts[0]))
    except (OSError, SessionError, IndexError):
        return None
    return record if isinstance(record, Beginning) else None


def entry_of(path: Path) -> SessionEntry | None:
    """A session for a list; None for what is none, or cannot be read."""
    try:
        lines = read_lines(path)
        first = record_of(value_in(lines.texts[0]))
        last = next((line for line in reversed(lines.texts) if line.startswith(b'{"is":"done"')), None)
        done = record_of(value_in(last)) if last is not None else None
    except (SessionError, IndexError):
        return None
    if not isinstance(first, Beginning):
        return None
    if not isinstance(done, Done):
        return SessionEntry(path, first, first.began, Summary(), lines.size, is_in_use(path))
    return SessionEntry(path, first, done.time, done.summary, lines.size, is_in_use(path))
