"""A journal: a file that lines are added to, each with one write, so that whatever ends the program, all before holds.

It belongs to one process at a time, and to one user.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import Lines, line_of, lines_in
from sfdebug.files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

if sys.platform != "win32":
    import fcntl

MAX_JOURNAL_BYTES: Final = 1 << 28
"""Largest journal that is read."""

_FLAGS: Final = (
    os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)


class Journal:
    """A journal that is open for writing, and locked."""

    def __init__(self, path: Path, descriptor: int, size: int, chain: int) -> None:
        self.path = path
        self.size = size
        self._descriptor = descriptor
        self._chain = chain

    @classmethod
    def create(cls, path: Path, texts: Iterable[str]) -> Journal:
        """A new file with these JSON texts as its lines. Raises OSError, FileExistsError when there is one."""
        descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
        journal = cls(path, descriptor, 0, 0)
        try:
            lock(descriptor)
            journal.append(texts)
        except BaseException:
            journal.close()
            path.unlink()
            raise
        return journal

    @classmethod
    def reopen(cls, path: Path) -> tuple[Journal, Lines]:
        """A file to go on with, and the lines in it that hold: `cut` drops the rest.

        Raises SessionError when another process has it, or it cannot be read; OSError when it cannot be written.
        """
        descriptor = os.open(path, _FLAGS)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "it is no file", str(path))
            try:
                lock(descriptor)
                # Between the two another process can have put a shorter journal in its place.
                if not os.path.samestat(os.fstat(descriptor), path.stat()):
                    raise BlockingIOError
            except BlockingIOError:
                raise SessionError("another sfdebug has this session open", where=str(path)) from None
            lines = read_lines(path)  # not before it is locked
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, lines.size, lines.chain), lines

    @property
    def is_in_place(self) -> bool:
        """Whether the file at its path is still its own, with all that was written: not deleted, cut, or replaced."""
        try:
            mine, there = os.fstat(self._descriptor), os.lstat(self.path)
        except OSError:
            return False
        return os.path.samestat(mine, there) and mine.st_size == self.size

    def cut(self) -> None:
        """Drop what does not hold. Raises OSError."""
        os.ftruncate(self._descriptor, self.size)

    def append(self, texts: Iterable[str]) -> None:
        """Add lines that hold these JSON texts, all with one write. Raises OSError: then nothing is added."""
        chain, data = self._chain, []
        for text in texts:
            line, chain = line_of(text, chain)
            data.append(line)
        whole = b"".join(data)
        try:
            written = os.write(self._descriptor, whole)
            while written < len(whole):  # a very large one, or a full disk
                written += os.write(self._descriptor, whole[written:])
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(whole)
        self._chain = chain

    def replace(self, texts: Iterable[str]) -> None:
        """Have these lines in place of all that there are, at once. Raises OSError: then all stays as it is."""
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.unlink(missing_ok=True)
        new = Journal.create(beside, texts)
        try:
            os.replace(beside, self.path)
        except OSError:
            new.close()
            beside.unlink(missing_ok=True)
            raise
        os.close(self._descriptor)
        self._descriptor, self.size, self._chain = new._descriptor, new.size, new._chain

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def lock(descriptor: int) -> None:
    """Keep a file for this process, as long as it is open. Raises BlockingIOError when another one has it."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return


def is_in_use(path: Path) -> bool:
    """Whether a process has this journal open."""
    if sys.platform == "win32":
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def read_lines(path: Path) -> Lines:
    """The lines of a journal that hold. Raises SessionError when it cannot be read."""
    try:
        return lines_in(read_file(path, MAX_JOURNAL_BYTES))
    except OSError as error:
        raise SessionError(f"it cannot be read: {error.strerror or error}", where=str(path)) from error
    except ValueError as error:  # a path with a NUL character
        raise SessionError(f"it cannot be read: {error}", where=repr(str(path))) from error
