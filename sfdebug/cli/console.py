"""What the command line says: data to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.errors import Problem, SfdebugError


def write_data(text: str) -> None:
    """`text` and a line break, on stdout: the only thing that may go there."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A diagnostic on stderr."""
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
    """After a BrokenPipeError: nobody reads stdout any more, so that Python must not try to flush it at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
