"""The exit codes of every command. Scripts rely on them: they do not change."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process ends with."""

    SUCCEEDED = 0
    """It did what was asked; an execution succeeded."""
    EXECUTION_FAILED = 1
    """The execution ran and failed, timed out, or did not end."""
    USAGE = 2
    """The command line, a file or the input cannot be used, output cannot be written, a Task had no answer, or sfdebug
    itself failed."""
    INVALID_DEFINITION = 3
    """The definition has errors, or uses something that this version does not run."""
    HUNG_UP = 129
    """The terminal is gone: 128 and the number of the signal, as shells count."""
    INTERRUPTED = 130
    """Ctrl+C."""
    BROKEN_PIPE = 141
    """Nobody read to the end what was to be a verdict: 128 and the number of SIGPIPE, as shells count."""
    TERMINATED = 143
    """Ended from outside."""
