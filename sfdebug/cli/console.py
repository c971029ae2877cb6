"""What the command line says: data to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.errors import Problem


class OutputError(SfdebugError):
    """What the command has to say cannot be written."""


@contextmanager
def writing_stdout() -> Iterator[None]:
    """Write to stdout inside, all of it to the end. Raises OutputError when it cannot be (a full disk, for example).

    A BrokenPipeError passes: that the reader has had enough is no error.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_stdout()
        raise OutputError(f"the output cannot be written: {error.strerror or error}", where="stdout") from error


def write_data(text: str) -> None:
    """`text` and a line break, on stdout: the only thing that may go there."""
    with writing_stdout():
        sys.stdout.write(f"{text}\n")


def say(text: str) -> None:
    """A diagnostic on stderr."""
    with suppress(OSError):  # there is nobody left to tell
        sys.stderr.write(f"{text}\n")


def show_error(error: SfdebugError) -> None:
    """An error on stderr: all its problems with their places, or what is wrong and how to mend it."""
    problems: Sequence[Problem] = getattr(error, "problems", ())
    if problems:
        show_problems(problems)
    else:
        say(f"sfdebug: {error}")


def show_problems(problems: Sequence[Problem]) -> None:
    """Problems of a file on stderr, each with its line and a caret."""
    from sfdebug.asl.problems import render

    say(render(problems).rstrip("\n"))


def use_utf8() -> None:
    """Let text that the terminal's encoding lacks be replaced instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def give_up_stdout() -> None:
    """After an error in writing: stdout takes nothing any more, so that Python must not fail in flushing it at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):  # a stdout that is no file
        os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
