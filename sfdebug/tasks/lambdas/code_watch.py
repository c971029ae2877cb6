"""Whether the code of a function has changed: looked at before each call, where it is large as often as calls bear."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.tasks.lambdas.function import LambdaFunction

MOST_FILES: Final = 50_000
"""Files that are looked at; what is beyond counts for nothing."""

FEW: Final = 500
"""So many files are looked at before every call, however long it takes: a machine that is busy for a moment hides no
change."""

_REST: Final = 10
"""A look at more files is followed by so many times its length without one: a folder with node_modules of 20,000
files is looked at twice a second or so, and calls in a row wait for it a tenth of the time at most."""

_SKIPPED: Final = ("__pycache__", ".git", ".venv", "venv")


class CodeWatch:
    """Looks at the files of a function and its layers: their paths, sizes and times. What a bundler writes may have the
    same time of writing every time: that of the last change counts, too."""

    def __init__(self, function: LambdaFunction, clock: Callable[[], float] = time.perf_counter) -> None:
        self._function = function
        self._clock = clock
        self._stamp = 0
        self._rests_until = 0.0

    def remember(self) -> None:
        """The code as it is now is what `has_changed` compares with."""
        self._stamp = self._look()

    def has_changed(self) -> bool:
        """Whether it is another now, as far as it was looked at."""
        if self._rests_until and self._clock() < self._rests_until:
            return False
        return self._look() != self._stamp

    def _look(self) -> int:
        began = self._clock()
        stamp, files = code_stamp(self._function)
        now = self._clock()
        self._rests_until = now + (now - began) * _REST if files > FEW else 0.0
        return stamp


def code_stamp(function: LambdaFunction, most: int = MOST_FILES) -> tuple[int, int]:
    """A number that changes when a file under the function's code does, and how many files there are. Packages that
    were installed there count too, up to `most` files in all."""
    stamp, left = 0, most
    waiting = [function.folder, *function.layers]
    while waiting and left > 0:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.name in _SKIPPED:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                        continue
                    try:
                        found = entry.stat()
                    except OSError:  # a link to what is not there any more: as it is itself
                        found = entry.stat(follow_symlinks=False)
                    stamp ^= hash((entry.path, found.st_mtime_ns, found.st_ctime_ns, found.st_size))
                    left -= 1
        except OSError:
            continue
    return stamp, most - left
