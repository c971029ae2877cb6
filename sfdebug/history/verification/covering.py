"""What recorded executions took of a definition: as far as each of them was computed again, event for event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.engine import Program
from sfdebug.history.coverage.taking import taken_in
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.history.replay.replay import replay
from sfdebug.history.verification.verdict import conclude, concluded, unverified

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.recording import Recording
    from sfdebug.history.verification.verdict import Verification


def verify_taken(
    definition: StateMachine | Program,
    recording: Recording,
    rules: Rules | None = None,
    *,
    recorded_definition: StateMachine | None = None,
) -> Verification:
    """The verdict on one recording, with what it took of the definition. Where it parted from it (another definition
    ran it), only what came before counts: from there on nothing is known.

    Raises UnsupportedError when the definition cannot be run, RecordingError when the recording has no input.
    """
    found = unverified(recording)
    if found.reasons:
        return found
    program = definition if isinstance(definition, Program) else Program(definition)
    run = replay(program, recording, rules=rules)
    parting = run.divergence
    taken = taken_in(run.execution, parting.event_id if parting is not None else None)
    return replace(concluded(found, run, conclude(run, rules or Rules(), recorded_definition)), taken=taken)
