"""Reading what users name, within bounds: regular files of at most so many bytes, streams to at most so many. Writing
what they name whole or not at all.

Nothing here waits for ever: a named pipe, a device or a socket is refused without being opened for reading. What a
shell puts in the place of `<(command)`, and stdin, are streams, which whoever names them waits for.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Final

MAX_HISTORY_BYTES: Final = 1 << 28
"""Largest recorded history, unpacked: 25,000 events of 10 KB each, five times what exports of that length have."""

MAX_TEXT_BYTES: Final = 1 << 22
"""Largest input or parameter: one within AWS's limit of 256 KiB, however generously it is indented."""

MAX_MOCK_FILE_BYTES: Final = 1 << 25
MAX_MOCK_VALUES: Final = 1_000_000
"""Largest mock file, and most values in it: places are kept for all of them."""

MAX_DATASET_BYTES: Final = 1 << 27
"""Largest dataset of a distributed Map, unpacked: a bound of our own, so that none exhausts the memory (AWS: 10 GB)."""

MAX_VALUES: Final = 3_000_000
"""Most values in one JSON text: Python keeps 70 bytes and more for each, and a text of 300 MB can hold 100 million."""

_STREAMS: Final = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")
_KINDS: Final = (
    (stat.S_ISDIR, errno.EISDIR, "it is a folder"),
    (stat.S_ISFIFO, errno.EINVAL, "it is a named pipe, not a file"),
    (stat.S_ISCHR, errno.EINVAL, "it is a device, not a file"),
    (stat.S_ISBLK, errno.EINVAL, "it is a device, not a file"),
    (stat.S_ISSOCK, errno.EINVAL, "it is a socket, not a file"),
)
_SEPARATORS: Final = "[{,"
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRING_IN_TEXT: Final = re.compile(_STRING, re.DOTALL)
_STRING_IN_BYTES: Final = re.compile(_STRING.encode(), re.DOTALL)


def plain_path(path: str) -> str:
    """A path without `folder/..` in it, where that is the same file: behind a symbolic link it is another."""
    if os.pardir not in Path(path).parts:
        return path
    plain = os.path.normpath(path)
    try:
        return plain if os.path.samefile(plain, path) else path
    except OSError:
        return path


def samples_folder() -> Path:
    """Where the bundled samples are: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "samples"
    return installed if installed.is_dir() else package.parent / "samples"


def read_file(path: str | os.PathLike[str], most: int) -> bytes:
    """The content of a file.

    Raises OSError, whose `strerror` says in words what is wrong: also for what is no regular file, and for one of more
    than `most` bytes. Raises ValueError for a path with a NUL character.
    """
    name = os.fspath(path)
    if name.startswith(_STREAMS):
        with Path(name).open("rb") as stream:
            return read_stream(stream, most)
    # Without O_NONBLOCK opening a named pipe waits for whoever writes to it.
    descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        for is_kind, code, what in _KINDS:
            if is_kind(found.st_mode):
                raise OSError(code, what, name)
        if found.st_size > most:
            raise OSError(errno.EFBIG, too_large(most), name)
        return read_stream(file, most)


def path_typed(text: str) -> Path:
    """The path that somebody types, `~` for their home directory included; that of a user whom nobody knows stays."""
    try:
        return Path(os.path.expanduser(text))
    except ValueError:  # a NUL character
        return Path(text)


def is_file(path: Path) -> bool:
    """Whether there is a file at a path: at one that no file system takes, or that is not to be looked at, is none."""
    return os.path.isfile(path)


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path, as far as can be told."""
    return os.path.isdir(path)


def is_there(path: Path) -> bool:
    """Whether there is anything at a path, as far as can be told."""
    return os.path.exists(path)


def read_stream(stream: IO[bytes], most: int) -> bytes:
    """All that comes through `stream`. Raises OSError when it is more than `most` bytes."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, too_large(most))
    return data


@contextmanager
def replaced(path: str | os.PathLike[str], *, is_private: bool = False) -> Iterator[BinaryIO]:
    """Write a file whole or not at all: it is written beside its place, and put there in the end. What is no regular
    file, such as a device or a pipe, is written to as it is, and so are streams that are open (/dev/stdout) and files
    that nothing can be put in the place of. A private one can be read by its owner alone.

    Raises OSError, and ValueError for a path with a NUL character; whatever is raised inside, what was there stays.
    """
    place = Path(os.path.realpath(path))
    if _is_open_or_no_file(path):
        with Path(path).open("wb") as stream:
            yield stream
        return
    beside = place_beside(place)
    try:
        with _opened_beside(beside, place) as stream:
            if is_private:
                Path(stream.name).chmod(0o600)
            yield stream
        if beside.exists():
            _put(beside, place, is_private=is_private)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def place_beside(place: Path) -> Path:
    """Where a file can be written that is to be put in the place of another. Nobody else writes there: not a process in
    another container either, which may have the same number and the same folder."""
    return place.with_name(f".{place.name}.{os.urandom(4).hex()}.new")


def _is_open_or_no_file(path: str | os.PathLike[str]) -> bool:
    """Whether a path leads to an open stream of this process, whatever that is, or to something but a file."""
    if re.match(r"/dev/(fd/|std(in|out|err)$)|/proc/", os.path.abspath(path)):
        return True
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return False


def _opened_beside(beside: Path, place: Path) -> BinaryIO:
    try:
        return beside.open("wb")
    except PermissionError:  # the folder takes no new files; the one that is there may be written to
        if not place.is_file():
            raise
        return place.open("wb")


def _put(beside: Path, place: Path, *, is_private: bool) -> None:
    if place.exists() and not is_private:
        beside.chmod(place.stat().st_mode & 0o7777)
    try:
        beside.replace(place)
    except OSError as error:
        if error.errno != errno.EBUSY:  # mounted for itself, as files are into containers
            raise
        import shutil

        shutil.copyfile(beside, place)


def append_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Add all of `data` to the end of a file, or nothing; a file that is not there is made.

    Raises OSError, and ValueError for a path with a NUL character.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    try:
        before = os.fstat(descriptor)
        try:
            written = os.write(descriptor, data)
            while written < len(data):  # a very large one, or a full disk
                written += os.write(descriptor, data[written:])
        except BaseException:  # Ctrl+C too
            if stat.S_ISREG(before.st_mode):
                os.ftruncate(descriptor, before.st_size)
            raise
    finally:
        os.close(descriptor)


def too_large(most: int) -> str:
    """What is wrong with something of more than `most` bytes."""
    size = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most:,} bytes"
    return f"it is larger than {size}, the most that is read"


def has_too_many_values(text: str | bytes, most: int = MAX_VALUES) -> bool:
    """Whether a JSON text holds more values than `most`. Quick: most texts have too few brackets and commas."""
    if len(text) <= most or _separators(text) <= most:
        return False
    # Neither is made of the other: that would be a copy of up to 256 MiB.
    bare = _STRING_IN_TEXT.sub("", text) if isinstance(text, str) else _STRING_IN_BYTES.sub(b"", text)
    return _separators(bare) > most


def _separators(text: str | bytes) -> int:
    if isinstance(text, str):
        return sum(map(text.count, _SEPARATORS))
    return sum(text.count(mark.encode()) for mark in _SEPARATORS)
