"""Why the debugger stopped: the answer to every verb."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StopReason(StrEnum):
    """What a verb ended with."""

    START = "start"
    """At the beginning of the timeline."""
    STEP = "step"
    """The verb did what it says."""
    BREAKPOINT = "breakpoint"
    """About to enter a state that has a breakpoint."""
    FAULT = "fault"
    """A fault was raised, and faults are watched."""
    QUESTION = "question"
    """A Task waits for an answer that nobody but the user can give."""
    END = "end"
    """The execution is over."""
    JUMP = "jump"
    """Moved along the timeline to a place that was asked for."""
    CHANGED = "changed"
    """An intervention was taken in (see `forked`)."""
    REFUSED = "refused"
    """The verb makes no sense here: `text` says why. Nothing has changed."""
    INTERRUPTED = "interrupted"
    """The caller asked to stop."""
    EDGE = "edge"
    """The recording goes no further, though the execution was not over."""
    LIMIT = "limit"
    """So many steps were made without an end; calling the verb again goes on."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a verb stopped, in a word and in a plain sentence. `forked` is the id of the fork that it made, if any."""

    reason: StopReason
    text: str
    forked: int | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the verb did nothing."""
        return self.reason is StopReason.REFUSED
