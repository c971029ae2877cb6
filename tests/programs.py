"""Programs that tests start: none outlives its test, however that ends, and none is waited for without limit.

`with subprocess.Popen(...)` waits for the program behind an assertion that has failed, for ever where the program waits
for the test; and a read of a pipe ends no sooner than who writes there. Nor does anything here run Python in a child
before its program begins (`preexec_fn`): a test's process may have threads, and the child wait for a lock of theirs.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from time import monotonic
from typing import Any, Final

LONGEST: Final = 120.0
"""Seconds that a busy machine may take for anything that a program does in a test."""

_FIRST_PORT, _PORTS = 20_000, 12_000
"""Below those that systems give who asks for any. Source: ip(7), ip_local_port_range; RFC 6335."""


@contextmanager
def running(command: Sequence[str], seconds: float | None = LONGEST, **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A program, while something is done with it: killed behind that, or after so many seconds, which is a failure. One
    that begins a session takes those along that it has started in it."""
    process = subprocess.Popen(command, **options)
    try:
        with limited(process, seconds) if seconds is not None else nullcontext():
            yield process
    finally:
        _kill(process)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with suppress(OSError):  # what nobody reads any more is still to be written
                    stream.close()


def until(holds: Callable[[], object], seconds: float = LONGEST) -> None:
    """Wait for what others do, which have the processor meanwhile."""
    end, never = monotonic() + seconds, threading.Event()
    while not holds():
        assert monotonic() < end, f"it has not come about within {seconds:g} s"
        never.wait(0.002)


@contextmanager
def limited(process: subprocess.Popen[Any], seconds: float = LONGEST) -> Iterator[None]:
    """What is done inside is done within so many seconds: then the program is killed, and what is waited for of it
    comes to its end. Raises AssertionError in place of what is raised for that."""
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        _kill(process)

    timer = threading.Timer(seconds, end)
    timer.name, timer.daemon = "test-program-limit", True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        assert not is_late.is_set(), f"not done within {seconds:g} s: {process.args!r}"


def _kill(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None and hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
    process.kill()


@contextmanager
def heard(*numbers: signal.Signals) -> Iterator[None]:
    """Programs that are begun inside hear these signals, also where the tests run in the background of a shell, which
    has them ignored."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_TAKE: Final = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execv(sys.argv[2], sys.argv[2:])
"""


def at_terminal(command: Sequence[str], descriptor: int) -> list[str]:
    """A command that begins by making the terminal at one of its streams its own, whose keys it is sent as signals. It
    has to begin a session (`start_new_session`)."""
    return [sys.executable, "-ISc", _TAKE, str(descriptor), *command]


def read_all(descriptor: int) -> bytes:
    """All that comes from one end of a pipe or a pseudo-terminal, which is closed then."""
    data = b""
    with suppress(OSError):  # Linux says so when the other end of a pseudo-terminal is closed
        while more := os.read(descriptor, 65_536):
            data += more
    os.close(descriptor)
    return data


@contextmanager
def free_port() -> Iterator[int]:
    """A port of TCP at which nobody listens, and which no other test on this machine is given inside, in whichever
    process: the one of UDP with the same number, which nothing here is about, is taken meanwhile."""
    first = os.getpid() % _PORTS
    for number in range(_PORTS):
        port = _FIRST_PORT + (first + number) % _PORTS
        with socket.socket(type=socket.SOCK_DGRAM) as claim:
            if _is_bound(claim, port) and _is_free(port):
                yield port
                return
    raise AssertionError("no port is free")


def _is_free(port: int) -> bool:
    with socket.socket() as found:
        return _is_bound(found, port)


def _is_bound(found: socket.socket, port: int) -> bool:
    try:
        found.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
