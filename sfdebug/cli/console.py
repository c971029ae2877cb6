"""What the command line says: data to stdout, everything else to stderr.

All that is written goes through `printable`: text from users' files, from AWS and from libraries may hold characters
that a terminal obeys. In a file or a pipe they are escaped as well: it is read on a terminal in the end.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sfdebug.errors import SfdebugError, UsageError
from sfdebug.files import read_stream, replaced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from sfdebug.errors import Problem

STDIN: Final = "-"
"""What stands for standard input in place of a file."""

_OBEYED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for tab and line break, DEL, C1
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"  # directions, breaks, no width
    "\U000e0000-\U000e007f\ud800-\udfff]"  # tags that nobody sees, halves of characters
)
"""Characters that move the cursor, change what follows, turn text round, or hide."""

_COLOURED: Final = re.compile(r"(\x1b\[[0-9;]*m)")


class OutputError(SfdebugError):
    """What the command has to say cannot be written."""


def printable(text: str) -> str:
    """`text` with every character that a terminal would obey as JSON escapes it; JSON stays the same JSON."""
    if text.isascii() and text.isprintable():
        return text
    return _OBEYED.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


class Output:
    """stdout as a stream that takes text: what `printable` lets through is written."""

    def __init__(self) -> None:
        self.encoding = sys.stdout.encoding or "utf-8"

    def write(self, text: str) -> int:
        """Write `text`; return its length."""
        sys.stdout.write(printable(text))
        return len(text)

    def write_coloured(self, text: str) -> None:
        """Write text whose sequences for colours are sfdebug's own; whoever made it has made its data printable."""
        for index, part in enumerate(_COLOURED.split(text)):
            sys.stdout.write(part if index % 2 else printable(part))


@contextmanager
def writing_stdout() -> Iterator[Output]:
    """Write to stdout inside, all of it to the end. Raises OutputError when it cannot be (a full disk, for example).

    A BrokenPipeError passes: that the reader has had enough is no error.
    """
    if sys.stdout is None or sys.stdout.closed:
        raise OutputError("the output cannot be written: it is closed", where="stdout")
    try:
        yield Output()
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_stdout()
        raise OutputError(f"the output cannot be written: {error.strerror or error}", where="stdout") from error


@contextmanager
def writing_file(path: str, what: str) -> Iterator[None]:
    """Write inside the file that the user named: UsageError says that `what` cannot be written there, and why."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"the {what} cannot be written: {reason}", where=path) from error


@contextmanager
def replacing_file(path: str, what: str) -> Iterator[BinaryIO]:
    """Write a file that the user named, whole or not at all. Raises UsageError as `writing_file` does."""
    with writing_file(path, what), replaced(path) as stream:
        yield stream


def has_colour() -> bool:
    """Whether stdout shows colours: a terminal does, unless NO_COLOR is set to something (no-color.org)."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_data(text: str) -> None:
    """`text` and a line break, on stdout: the only thing that may go there."""
    with writing_stdout() as output:
        output.write(f"{text}\n")


def say(text: str) -> None:
    """A diagnostic on stderr."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # there is nobody left to report to
            sys.stderr.write(f"{printable(text)}\n")


def read_stdin(most: int) -> bytes:
    """All that comes on stdin. Raises OSError, also when it is closed, or more than `most` bytes."""
    if sys.stdin is None or sys.stdin.closed:
        raise OSError(errno.EBADF, "it is closed")
    return read_stream(sys.stdin.buffer, most)


def show_error(error: SfdebugError) -> None:
    """An error on stderr: all its problems with their places, or what is wrong and how to fix it."""
    problems: Sequence[Problem] = getattr(error, "problems", ())
    if problems:
        show_problems(problems)
    else:
        say(f"sfdebug: {error}")


def show_unexpected(error: Exception, doing: str) -> None:
    """What nobody expected, on stderr, and the file that says more of it."""
    from sfdebug.reports.crash import write_report

    if isinstance(error, MemoryError):
        what = "there is not enough memory for this"
    elif isinstance(error, RecursionError):
        what = "something here is nested too deep for sfdebug"
    else:
        first = str(error).partition("\n")[0]
        what = f"{type(error).__name__}: {first[:_MOST_SAID]}" if first else type(error).__name__
    try:
        place = f"Please report it with what is in {write_report(error, doing)}"
    except OSError:
        place = "Its details cannot be written to a file."
    say(f"sfdebug: {what}\n  This is a fault of sfdebug, not yours. {place}")


_MOST_SAID: Final = 300


def show_problems(problems: Sequence[Problem]) -> None:
    """Problems of a file on stderr, each with its line and a caret."""
    from sfdebug.asl.text.problems import render

    say(render(problems).rstrip("\n"))


def prepare_streams() -> None:
    """Let text that the terminal's encoding lacks be replaced instead of ending the program, and keep the numbers of
    streams that were closed from files that are opened later: what is meant for stderr must not go into them."""
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST_STREAM:
            pass
        os.close(descriptor)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


_LAST_STREAM: Final = 2


def give_up_stdout() -> None:
    """After an error in writing: stdout takes nothing any more, so that Python must not fail in flushing it at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError, AttributeError):  # a stdout that is no file, or closed
        os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
