"""What can be done with a client's execution that is held or runs."""

from __future__ import annotations

from enum import StrEnum


class ClientVerb(StrEnum):
    """What can be done with a client's execution."""

    HEAD = "head"
    HOLD = "hold"
    STEP = "step"
    STEP_STATE = "step_state"
    RELEASE = "release"
    FROM_HERE = "from_here"
    STOP = "stop"
    REDRIVE = "redrive"
