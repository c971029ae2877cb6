"""The index of a folder of histories: what became of the executions in each file, so that none is read twice.

It is a file of lines, one for each history; the last one counts. An archive has it with it; of any other folder it is
kept among the platform's files of cache, so that nothing is written where nobody asked for it. It is only a memory: a
line that is damaged, or does not fit its file any more, is as if it were not there.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from sfdebug.executions.disk import append_lines, cache_folder, drop_oldest, write_whole
from sfdebug.executions.outcome import ExecutionOutcome
from sfdebug.files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

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
        if self.path is not None and lines and append_lines(self.path, lines):
            self._lines += 2 * len(lines)

    def _rewrite(self) -> None:
        data = b"".join(msgspec.json.encode(file) + b"\n" for file in self.files.values())
        if self.path is not None and write_whole(self.path, data):
            self._lines = len(self.files)


def index_of(folder: Path, *, is_archive: bool = False) -> FolderIndex:
    """The index of a folder: its own one, which an archive gets when it has none yet, or the one kept elsewhere."""
    own = folder / INDEX
    if is_archive or own.is_file():
        return FolderIndex(own)
    kept = cache_folder("folders")
    if kept is None:
        return FolderIndex(None)
    drop_oldest(kept, _MOST_BYTES, _MOST_KEPT)
    return FolderIndex(kept / sha256(os.fsencode(folder.absolute())).hexdigest()[:32])
