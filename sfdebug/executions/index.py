"""The index of a folder of histories: what became of the executions in each file, so that none is read twice.

It is a file of lines, one for each history; the last one counts. An archive has it with it; of any other folder it is
kept among the platform's files of cache, so that nothing is written where nobody asked for it. It is only a memory: a
line that is damaged, or does not fit its file any more, is as if it were not there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from sfdebug.executions.outcome import ExecutionOutcome
from sfdebug.files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable

INDEX: Final = ".sfdebug-executions"
"""The name of the index in an archive. No history has such a name."""
_MOST_BYTES: Final = 1 << 28
_MOST_KEPT: Final = 40
"""Folders of which an index is kept elsewhere: the oldest go."""
_VERSION: Final = 1


class IndexedFile(Struct, frozen=True, gc=False):
    """A history file as it was when it was looked at: its path below the folder, size and time of change of it and of
    the description beside it, and what became of the executions in it."""

    path: str
    size: int
    changed: int
    described: int = 0
    outcomes: tuple[ExecutionOutcome, ...] = ()
    version: int = _VERSION


class FolderIndex:
    """The lines of an index file. What cannot be written is forgotten when the program ends, and nothing else."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.files: dict[str, IndexedFile] = {}
        self._lines = 0
        self._read()

    def put(self, *files: IndexedFile) -> None:
        """Note what is in these files, from now on and for the next time."""
        for file in files:
            self.files[file.path] = file
        self._append(files)

    def keep_only(self, paths: Iterable[str]) -> None:
        """Forget all other files; the index is written anew when it holds more that is forgotten than not."""
        wanted = set(paths)
        self.files = {path: file for path, file in self.files.items() if path in wanted}
        if self._lines > 2 * len(self.files) + 100:
            self._rewrite()

    def _read(self) -> None:
        if self.path is None:
            return
        try:
            data = read_file(self.path, _MOST_BYTES)
        except (OSError, ValueError):
            return
        decoder = msgspec.json.Decoder(IndexedFile)
        for line in data.splitlines():
            self._lines += 1
            try:
                file = decoder.decode(line)
            except (ValueError, msgspec.MsgspecError, RecursionError):
                continue
            if file.version == _VERSION:
                self.files[file.path] = file

    def _append(self, files: Iterable[IndexedFile]) -> None:
        lines = [msgspec.json.encode(file) for file in files]
        if self.path is None or not lines:
            return
        # A line that a killed program left half written must not swallow the next one: each begins with a line break.
        with suppress(OSError), open(self.path, "ab", opener=_private) as stream:
            stream.write(b"".join(b"\n" + line for line in lines) + b"\n")
            self._lines += 2 * len(lines)

    def _rewrite(self) -> None:
        if self.path is None:
            return
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            with open(beside, "wb", opener=_private) as stream:
                stream.writelines(msgspec.json.encode(file) + b"\n" for file in self.files.values())
            beside.replace(self.path)
            self._lines = len(self.files)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def index_of(folder: Path, *, is_archive: bool = False) -> FolderIndex:
    """The index of a folder: its own one, which an archive gets when it has none yet, or the one kept elsewhere."""
    own = folder / INDEX
    if is_archive or own.is_file():
        return FolderIndex(own)
    kept = _kept_folder()
    if kept is None:
        return FolderIndex(None)
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = sha256(os.fsencode(folder.absolute())).hexdigest()[:32]
        _prune(kept, name)
    except OSError:
        return FolderIndex(None)
    return FolderIndex(kept / name)


def _kept_folder() -> Path | None:
    from platformdirs import user_cache_path

    folder = user_cache_path("sfdebug", appauthor=False)
    return folder / "folders" if folder.is_absolute() else None


def _prune(kept: Path, name: str) -> None:
    """Delete the indexes that were not written to for longest, when there are too many."""
    others = [path for path in kept.iterdir() if path.name != name]
    for path in sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)[_MOST_KEPT - 1 :]:
        path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    """Open a file that nobody but its owner can read: causes can hold data of customers."""
    descriptor = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):
        with suppress(OSError):
            os.fchmod(descriptor, 0o600)
    return descriptor
