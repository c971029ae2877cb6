"""A recorded execution, ready to be debugged: replayed under its definition, or played from its events alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.recorded.events import ForkEvents, PastEvents
from sfdebug.debugger.timeline.nodes import TimelineNode
from sfdebug.engine import Program
from sfdebug.errors import UnsupportedError
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reconstruct import reconstruct
from sfdebug.history.recording import RecordingError
from sfdebug.history.replay.event_comparison import DifferenceKind, Rules
from sfdebug.history.replay.replay import replay
from sfdebug.history.verification.verdict import Conclusion, conclude

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.timeline.timeline import Fork
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import Recording
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.history.replay.replay import Replay

NO_DEFINITION: Final = "there is no definition, only what was recorded"


@dataclass(frozen=True)
class RecordedSession:
    """A recording with the machine that it is looked at with.

    `replay` is None where nothing can be computed: `why_not_replayed` says why. `is_reconstructed` says that the
    machine was built from the events themselves.
    """

    recording: Recording
    alignment: Alignment = field(repr=False)
    machine: StateMachine = field(repr=False)
    replay: Replay | None = field(default=None, repr=False)
    why_not_replayed: str = ""
    is_reconstructed: bool = False
    is_live: bool = False
    """Whether more events may come: it was read from AWS, and runs."""
    recorded_definition: StateMachine | None = field(default=None, repr=False)
    """The definition that the execution ran, where it is known; it may be the machine itself."""

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

    @cached_property
    def place_of_computed(self) -> Mapping[int, int]:
        """The place in the recording of the event that each computed one was compared with, by the computed one's
        id."""
        computed = self.replay.computed if self.replay is not None else {}
        return {event.id: place for place, event in computed.items()}

    def visit_at(self, place: int) -> RecordedVisit | None:
        """The recorded visit that the event at a place belongs to."""
        number = self.alignment.visit_of[place]
        return self.alignment.visits[number] if number is not None else None

    def place_of_id(self, event_id: int) -> int | None:
        """The place of a recorded event; None when there is none with that id."""
        event = self.recording.by_id.get(event_id)
        return self._places.get(event_id) if event is not None else None

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {event.id: place for place, event in enumerate(self.recording.events)}


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
    """
    alignment = align(recording, machine)
    why = NO_DEFINITION
    if machine is not None:
        try:
            found = replay(machine, recording, alignment=alignment, keep_trail=True)
        except (RecordingError, UnsupportedError) as error:
            why = error.what
        else:
            return RecordedSession(
                recording, alignment, machine, found, is_live=is_live, recorded_definition=recorded_definition
            )
        if knows_all(machine, alignment) and not _cannot_run(machine):
            return RecordedSession(recording, alignment, machine, None, why, is_live=is_live)
        why = f"{why}; the states are those of the recording"
    return RecordedSession(
        recording, alignment, reconstruct(alignment), None, why, is_reconstructed=True, is_live=is_live
    )


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


class RecordedTimeline:
    """What a timeline knows of the recording on its main line: which event each node has come to."""

    def __init__(self, run: RecordedSession) -> None:
        self.run = run
        self.past: Sequence[Event] = PastEvents(run.alignment)
        self.reached: list[int] = []
        """By place in the recording: the index of the node at which the event has happened; never falling."""
        self.played_from: int | None = 0 if run.replay is None else None
        """The index of the first node that was not computed, but made from what was recorded."""

    # where events and nodes meet

    def count_at(self, index: int) -> int:
        """How many recorded events have happened at the node with that index of the main line."""
        return bisect_right(self.reached, index)

    def node_of_place(self, place: int) -> int:
        """The index of the node at which the event at a place has happened; of the last one where it never is."""
        return self.reached[min(place, len(self.reached) - 1)] if self.reached else 0

    def events(self, lane: Fork) -> Sequence[Event]:
        """All events of a fork: for the main line all that were recorded."""
        if lane.parent is None:
            return self.past
        base = lane.nodes[lane.recorded - 1]
        shared = self.count_at(base.index)
        return ForkEvents(self.past, shared, lane.nodes[-1].execution.events, len(base.execution.events))

    def count_on(self, lane: Fork, node: TimelineNode) -> int:
        """How many of the events of a fork have happened at one of its nodes."""
        if node.index < lane.recorded:
            return self.count_at(node.index)
        base = lane.nodes[lane.recorded - 1]
        return self.count_at(base.index) + len(node.execution.events) - len(base.execution.events)

    # where visits meet

    def visit_of(self, visit: Visit, lane: Fork) -> RecordedVisit | None:
        """The recorded visit that a visit of a fork is, or began as."""
        if visit.number > lane.nodes[lane.recorded - 1].execution.visit_count:
            return None
        if self.run.replay is None:
            place = self.run.place_of_id(visit.entered_event_id)
        else:
            place = self.run.place_of_computed.get(visit.entered_event_id)
            if place is None and self.played_from is not None:
                place = self.run.place_of_id(visit.entered_event_id)
        return self.run.visit_at(place) if place is not None else None

    def why_not_fork(self, node: TimelineNode, lane: Fork) -> str | None:
        """Why nothing can be changed at a node; None when it can."""
        run = self.run
        if run.replay is None:
            return f"{run.why_not_replayed}: it can be looked at, not changed. Give the definition: sfdebug replay"
        if self.played_from is not None and lane.parent is None and node.index >= self.played_from:
            left = run.replay.divergence
            where = f" at event {left.event_id}" if left is not None else ""
            return f"the definition has left the recording{where}: fork before that"
        return None
