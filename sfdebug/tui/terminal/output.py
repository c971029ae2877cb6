"""What is written to a terminal that has gone.

Textual writes on a thread, which ends with the first write that fails, and then waits for room in that thread's queue:
for ever, and deaf to every signal, where a terminal was closed in the middle of much that was to be written.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


class LastingOutput:
    """A terminal that takes whatever is written when it is not there any more. That it has gone is told by SIGHUP, and
    by the end of what is typed."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write, if there is anybody to see it."""
        with suppress(OSError, ValueError):  # closed on the other side, or on this one
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Have all be seen that was written, by whoever is there."""
        with suppress(OSError, ValueError):
            self._file.flush()

    def fileno(self) -> int:
        """The descriptor of the terminal."""
        return self._file.fileno()
