"""What was read from files, kept until one of them changes: a test that writes a definition anew runs the new one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, Generic, TypeVar

from msgspec import Struct

from sfdebug.projects.in_use import FileStamp, file_stamp

_Read = TypeVar("_Read")
_FRESH: Final = 2_000_000_000
"""So many nanoseconds after it was written a file can be written again and look the same to `stat`: the clocks of file
systems are coarse."""


class _SeenFile(Struct, frozen=True, gc=False):
    """A file when it was read; `digest` of its content where the stamp alone does not tell."""

    path: str
    stamp: FileStamp | None
    digest: bytes

    @property
    def is_as_seen(self) -> bool:
        """Whether it is still the same."""
        if file_stamp(self.path) != self.stamp:
            return False
        return not self.digest or _digest(self.path) == self.digest


class ReadOnce(Generic[_Read]):
    """Keeps the last `most` things that were read, by their keys."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[tuple[str, ...], tuple[_Read, tuple[_SeenFile, ...]]] = {}

    def get(self, key: tuple[str, ...], read: Callable[[], tuple[_Read, Iterable[str]]]) -> _Read:
        """What is kept under a key; read where nothing is, or a file has changed. `read` gives it with its files."""
        known = self._kept.pop(key, None)
        if known is None or not all(file.is_as_seen for file in known[1]):
            found, files = read()
            known = found, tuple(map(_seen, files))
        self._kept[key] = known  # the last of them now
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return known[0]

    def clear(self) -> None:
        """Read all of it anew from now on."""
        self._kept.clear()


def _seen(path: str) -> _SeenFile:
    stamp = file_stamp(path)
    is_fresh = stamp is not None and time.time_ns() - stamp[0] < _FRESH
    return _SeenFile(path, stamp, _digest(path) if is_fresh else b"")


def _digest(path: str) -> bytes:
    try:
        return sha256(Path(path).read_bytes()).digest()
    except OSError:
        return b"-"
