"""A recorded execution, ready to be debugged: replayed under its definition, or played from its events alone."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateMachine
from sfdebug.engine import Program
from sfdebug.engine.execution.events import EventType
from sfdebug.errors import UnsupportedError, UsageError
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reconstruct import reconstruct
from sfdebug.history.recording import Recording, RecordingError
from sfdebug.history.replay.event_comparison import DifferenceKind, Rules
from sfdebug.history.replay.replay import Replaying
from sfdebug.history.verification.verdict import Conclusion, conclude
from sfdebug.text import with_article
from sfdebug.values import shown_without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.history.replay.replay import Replay

NO_DEFINITION: Final = "there is no definition, only what was recorded"
UNDER_WAY: Final = "it is still being replayed"


class RecordedSession(Struct, frozen=True, dict=True):
    """A recording with the machine that it is looked at with.

    `replay` is None where nothing can be computed: `why_not_replayed` says why. `is_reconstructed` says that the
    machine was built from the events themselves.
    """

    recording: Recording
    alignment: Alignment
    machine: StateMachine
    replay: Replay | None = None
    why_not_replayed: str = ""
    is_reconstructed: bool = False
    is_live: bool = False
    """Whether more events may come: it was read from AWS, and runs."""
    recorded_definition: StateMachine | None = None
    """The definition that the execution ran, where it is known; it may be the machine itself."""
    replaying: Replaying | None = None
    """The replay that is under way; None when it is over, or nothing can be computed."""

    __repr__ = shown_without("alignment", "machine", "replay", "recorded_definition", "replaying")

    @cached_property
    def conclusion(self) -> Conclusion | None:
        """What the replay proves; None when nothing could be computed."""
        return conclude(self.replay, Rules(), self.recorded_definition) if self.replay is not None else None

    @cached_property
    def differences(self) -> Mapping[int, tuple[Difference, ...]]:
        """What differs from the computed execution, by the id of the recorded event: not where nothing was computed."""
        found: dict[int, tuple[Difference, ...]] = {}
        for difference in self.replay.differences if self.replay is not None else ():
            if difference.kind is not DifferenceKind.UNKNOWN:
                found[difference.event_id] = (*found.get(difference.event_id, ()), difference)
        return found

    @property
    def has_failure(self) -> bool:
        """Whether there is a fault to go to: one that was recorded, or what ended the execution without an event."""
        end = self.recording.end
        return bool(self.alignment.faults) or (end is not None and end.type == EventType.EXECUTION_FAILED)


def open_recording(
    recording: Recording,
    machine: StateMachine | None = None,
    *,
    is_live: bool = False,
    recorded_definition: StateMachine | None = None,
) -> RecordedSession:
    """Make a recording ready for `Debugger.on_recording`.

    Args:
        recording: What AWS did.
        machine: The definition that it is looked at with: every stage is computed. Without one, or where it cannot be
            run or the recording has no data, only what was recorded is shown.
        is_live: Whether more events may come.
        recorded_definition: The definition that the execution ran, where that is known.

    Raises:
        RecordingError: When no state was entered: there is nothing to look at.
        UsageError: For what is no recording, or no loaded definition.
    """
    run = begin_recording(recording, machine, is_live=is_live, recorded_definition=recorded_definition)
    return run if run.replaying is None else replayed(run, run.replaying.finish())


def begin_recording(
    recording: Recording,
    machine: StateMachine | None = None,
    *,
    is_live: bool = False,
    recorded_definition: StateMachine | None = None,
) -> RecordedSession:
    """The same without its replay, which is the longest part of opening: where there is one, it has just begun.

    `Debugger.on_recording` takes what is there, and `Debugger.replay_on` the rest, slice by slice.

    Args:
        recording: What AWS did.
        machine: The definition that it is looked at with.
        is_live: Whether more events may come.
        recorded_definition: The definition that the execution ran, where that is known.

    Raises:
        RecordingError: When no state was entered: there is nothing to look at.
        UsageError: For what is no recording, or no loaded definition.
    """
    _check(recording, machine, recorded_definition)
    alignment = align(recording, machine)
    why = NO_DEFINITION
    if machine is not None:
        try:
            replaying = Replaying(machine, recording, alignment=alignment, keep_trail=True)
        except (RecordingError, UnsupportedError) as error:
            why = error.what
        else:
            return RecordedSession(
                recording, alignment, machine, None, UNDER_WAY, is_live=is_live,
                recorded_definition=recorded_definition, replaying=replaying,
            )  # fmt: skip
        if knows_all(machine, alignment) and not _cannot_run(machine):
            return RecordedSession(recording, alignment, machine, None, why, is_live=is_live)
        why = f"{why}; the states are those of the recording"
    return RecordedSession(
        recording, alignment, reconstruct(alignment), None, why, is_reconstructed=True, is_live=is_live
    )


def replayed(run: RecordedSession, replay: Replay) -> RecordedSession:
    """A session whose replay is over."""
    return replace(run, replay=replay, why_not_replayed="", replaying=None)


def _check(recording: Any, *definitions: Any) -> None:
    if not isinstance(recording, Recording):
        fix = "recordings(history) gives those in a file, a text or events."
        raise UsageError(f"{with_article(recording)} is no recording", fix=fix)
    for given in definitions:
        if given is not None and not isinstance(given, StateMachine):
            raise UsageError(f"{with_article(given)} is no loaded definition", fix="load(definition) gives it.")


def _cannot_run(machine: StateMachine) -> bool:
    """Whether the engine cannot make a program of it."""
    try:
        Program(machine)
    except UnsupportedError:
        return True
    return False


def knows_all(machine: StateMachine, alignment: Alignment) -> bool:
    """Whether a machine has all the states that were recorded, of the same types."""
    types = {state.name: str(state.type) for state in machine.walk()}
    return all(types.get(visit.state) == visit.type for visit in alignment.visits)


def check_session(run: Any) -> None:
    """Raises UsageError for what is no recorded session."""
    if not isinstance(run, RecordedSession):
        what = f"{with_article(run)} is no recorded session"
        raise UsageError(what, fix="open_recording(recording, machine) makes one of a recording.")
