"""Sees to it that no worker outlives the program, however that ends: a shell that waits for its pipe to close.

The program may be killed with SIGKILL, and can then end nothing itself. The shell reads the numbers of process groups;
when the other end of its pipe is gone, it kills those that are left.

What starts a session of its own, as a headless browser does, is in none of these groups. Linux lists the environments
of processes: all that a worker has started carries its mark there.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import threading
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

MARK: Final = "SFDEBUG_WORKER"
"""The variable with the mark of a worker, in the environment of all that it starts."""

_SCRIPT: Final = r"""
trap '' INT TERM HUP QUIT TSTP
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
  esac
done
for group in $groups; do kill -KILL -"$group" 2>/dev/null; done
for place in $(grep -laF "$0" /proc/[0-9]*/environ 2>/dev/null); do
  place=${place#/proc/}
  kill -KILL "${place%/environ}" 2>/dev/null
done
"""


class Reaper:
    """The shell, from when the first group is added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shell: subprocess.Popen[bytes] | None = None
        self._groups: set[int] = set()
        self._mark = uuid.uuid4().hex
        atexit.register(self._end)

    def new_mark(self) -> str:
        """A mark for the environment of a worker that is to be started."""
        return f"{self._mark}.{uuid.uuid4().hex}"

    def begin(self) -> None:
        """Have what bears a mark killed when the program ends, though no group was added."""
        with self._lock:
            self._tell(b"")

    def add(self, group: int) -> None:
        """Have a process group killed when the program ends."""
        with self._lock:
            self._groups.add(group)
            self._tell(b"+ %d\n" % group)

    def remove(self, group: int) -> None:
        """One that has ended: its number can be another's now."""
        with self._lock:
            self._groups.discard(group)
            self._tell(b"- %d\n" % group)

    def _tell(self, line: bytes) -> None:
        if self._shell is None or self._shell.poll() is not None:
            shell = self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, f"{MARK}={self._mark}."],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            line = b"".join(b"+ %d\n" % group for group in sorted(self._groups))
            assert shell.stdin is not None
        with suppress(OSError):
            assert self._shell is not None
            assert self._shell.stdin is not None
            self._shell.stdin.write(line)
            self._shell.stdin.flush()

    def _end(self) -> None:
        for group in tuple(self._groups):
            kill_group(group)
        if self._groups:
            kill_marked(f"{self._mark}.")


def kill_group(group: int) -> None:
    """Kill a process with all that it has started in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def kill_marked(mark: str) -> None:
    """Kill every process in whose environment a mark stands, or begins. Where no system says that, nothing is done."""
    wanted = f"{MARK}={mark}".encode()
    for _ in range(3):  # what is starting another one just now
        has_found = False
        for place in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if wanted in place.read_bytes():
                    has_found = True
                    os.kill(int(place.parent.name), signal.SIGKILL)
        if not has_found:
            return


REAPER: Final = Reaper()
