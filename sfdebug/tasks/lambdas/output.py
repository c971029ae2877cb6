"""What a worker writes, line by line, bounded: the log of the call that is under way.

Nobody reads while no call is under way, as Lambda freezes a function between two calls; what was written meanwhile is
the first that the next one reads.
"""

from __future__ import annotations

import os
import selectors
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sfdebug.tasks.outside import CallLine

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_LINES: Final = 2_000
MOST_BYTES: Final = 4_096
"""Of one line: what is longer is cut into several."""

_AT_ONCE: Final = 1 << 16


class WorkerOutput:
    """Reads stdout and stderr of a process, given as descriptors that it closes in the end."""

    def __init__(self, stdout: int, stderr: int) -> None:
        self._lines: deque[CallLine] = deque(maxlen=MOST_LINES)
        self._lost = 0
        self._rests = {stdout: b"", stderr: b""}
        self._stderr = stderr
        self._wake_read, self._wake_write = os.pipe()
        self._selector = selectors.DefaultSelector()
        for descriptor in (stdout, stderr, self._wake_read):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)
        os.set_blocking(self._wake_write, False)
        self._waking = threading.Lock()
        """Held where it is woken, and where it is closed: the number of a closed descriptor is soon another's."""
        self._is_closed = False

    def wake(self) -> None:
        """Have `read_until` look whether it is over; from any thread, also when nothing is read any more."""
        with self._waking, suppress(OSError):
            if not self._is_closed:
                os.write(self._wake_write, b".")

    def read_until(self, is_over: Callable[[], bool], seconds_left: Callable[[], float], every: float = 60.0) -> bool:
        """Read lines until something is over, and then those that were written before; False when the time is up.

        Whether it is over is asked after each line, and where there are none, every so many seconds.
        """
        while not is_over():
            left = seconds_left()
            if left <= 0:
                return False
            self._read(min(left, every))
        self.drain()
        return True

    def drain(self) -> None:
        """Read what is there now, of a process that writes on no more than a little of it."""
        for _ in range(4_096):
            if not self._read(0):
                return

    def take(self) -> tuple[tuple[CallLine, ...], int]:
        """The lines since the last time, the unfinished ones too, and how many more there were that are not kept."""
        for descriptor, rest in self._rests.items():
            if rest:
                self._keep(rest, descriptor)
                self._rests[descriptor] = b""
        lines, lost = tuple(self._lines), self._lost
        self._lines.clear()
        self._lost = 0
        return lines, lost

    def close(self) -> None:
        """Read nothing any more."""
        with self._waking:
            self._is_closed = True
        self._selector.close()
        for descriptor in (*self._rests, self._wake_read, self._wake_write):
            with suppress(OSError):
                os.close(descriptor)

    def _read(self, seconds: float) -> bool:
        """Read once what is there, waiting for it; whether there was some."""
        has_read = False
        for key, _ in self._selector.select(seconds):
            descriptor = key.fd
            try:
                data = os.read(descriptor, _AT_ONCE)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if descriptor == self._wake_read:
                continue
            if not data:
                self._selector.unregister(descriptor)
                continue
            has_read = True
            self._take_in(data, descriptor)
        return has_read

    def _take_in(self, data: bytes, descriptor: int) -> None:
        *lines, rest = (self._rests[descriptor] + data).split(b"\n")
        for line in lines:
            self._keep(line, descriptor)
        while len(rest) > MOST_BYTES:
            self._keep(rest[:MOST_BYTES], descriptor)
            rest = rest[MOST_BYTES:]
        self._rests[descriptor] = rest

    def _keep(self, line: bytes, descriptor: int) -> None:
        for start in range(0, max(len(line), 1), MOST_BYTES):
            self._lost += len(self._lines) == MOST_LINES
            text = line[start : start + MOST_BYTES].decode("utf-8", "backslashreplace").rstrip("\r")
            self._lines.append(CallLine(text, descriptor == self._stderr))
