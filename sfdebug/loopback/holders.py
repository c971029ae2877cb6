"""Who listens at a port of this machine, as far as the system says: for who finds it taken.

Source: proc(5), /proc/net/tcp and /proc/PID/fd. Where there is no /proc, nobody is known.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

from sfdebug.text import escaped

_PROC: Final = Path("/proc")
_TABLES: Final = ("net/tcp", "net/tcp6")
_LISTENING: Final = "0A"
_LONGEST: Final = 200


class PortHolder(Struct, frozen=True):
    """A process that listens at a port: its number, and the command that it was begun with."""

    pid: int
    command: str


def who_has(port: int, error: OSError) -> str:
    """Who has the port at which nothing can listen, in a sentence; "" where it is not taken."""
    if error.errno != errno.EADDRINUSE:
        return ""
    holder = holder_of(port)
    return "Another program has it. " if holder is None else f"Process {holder.pid} has it: {escaped(holder.command)}. "


def holder_of(port: int, proc: Path = _PROC) -> PortHolder | None:
    """The process that listens at a port; None where that is not known, as for one of another user."""
    sockets = {f"socket:[{inode}]" for table in _TABLES for inode in _listening(proc / table, port)}
    if not sockets:
        return None
    for process in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            for descriptor in (process / "fd").iterdir():
                if str(descriptor.readlink()) in sockets:
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                    return PortHolder(int(process.name), command.strip()[:_LONGEST])
    return None


def _listening(table: Path, port: int) -> list[str]:
    """The inodes of the sockets that listen at a port."""
    found: list[str] = []
    with suppress(OSError):
        for line in table.read_text(encoding="ascii", errors="replace").splitlines()[1:]:
            fields = line.split()
            if len(fields) > 9 and fields[3] == _LISTENING and fields[1].endswith(f":{port:04X}"):
                found.append(fields[9])
    return found
