"""Files that sfdebug keeps for itself: among the platform's files of cache, for their owner alone, whole or not at all.

Nothing depends on them: what cannot be written is not kept, what cannot be read is not there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.files import place_beside

if TYPE_CHECKING:
    from collections.abc import Iterable


def cache_folder(*names: str) -> Path | None:
    """A folder among the platform's files of cache, `$XDG_CACHE_HOME` where it is set; None where there is no home, or
    it cannot be made."""
    from platformdirs import user_cache_path

    folder = user_cache_path("sfdebug", appauthor=False)
    if not folder.is_absolute():
        return None
    folder = folder.joinpath(*names)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


def append_lines(path: Path, lines: Iterable[bytes]) -> bool:
    """Write lines behind the others, with one write. False when that cannot be done.

    A line that a killed program left half written does not swallow the next: each begins with a line break.
    """
    data = b"".join(b"\n" + line for line in lines) + b"\n"
    try:
        with open(path, "ab", opener=_private) as stream:
            stream.write(data)
    except OSError:
        return False
    return True


def write_whole(path: Path, data: bytes) -> bool:
    """Write a file in the place of what is there, whole or not at all. False when that cannot be done."""
    beside = place_beside(path)
    try:
        with open(beside, "wb", opener=_private) as stream:
            stream.write(data)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        return False
    return True


def drop_oldest(folder: Path, most_bytes: int, most_files: int) -> None:
    """Delete the files that were not written to for longest, until no more and no larger ones are there."""
    found: list[tuple[float, int, Path]] = []
    with suppress(OSError):
        for entry in os.scandir(folder):
            if entry.is_file(follow_symlinks=False):
                stat = entry.stat()
                found.append((stat.st_mtime, stat.st_size, Path(entry.path)))
    total = 0
    for number, (_, size, path) in enumerate(sorted(found, reverse=True), start=1):
        total += size
        if number > most_files or total > most_bytes:
            with suppress(OSError):
                path.unlink()


def _private(path: str, flags: int) -> int:
    """Open a file that nobody but its owner can read: causes and payloads can hold data of customers."""
    descriptor = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):
        with suppress(OSError):
            os.fchmod(descriptor, 0o600)
    return descriptor
