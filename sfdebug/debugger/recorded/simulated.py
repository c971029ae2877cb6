"""A simulation as if it had been recorded: its events read as a history, for what is told of recordings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.recorded.session import RecordedSession
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reading.read import parse_recordings

if TYPE_CHECKING:
    from sfdebug.engine import Execution

SIMULATED: Final = "it is a simulation: its time is virtual, and Tasks take as long as their answers say"


def as_recorded(execution: Execution) -> RecordedSession:
    """`execution` as far as it has come, with its visits in time. Nothing of it is compared: there is no replay.

    Raises RecordingError when it has no events yet.
    """
    data = json.dumps({"events": execution.history}).encode()
    (recording,) = parse_recordings(data, execution.machine.name)
    return RecordedSession(
        recording, align(recording, execution.machine), execution.machine, why_not_replayed=SIMULATED
    )
