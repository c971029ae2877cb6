"""Where an execution went in its definition: the states that it visited and how they ended, the transitions it took.

It is read from the aligned recording, with what the definition says of each transition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import StatePath
from sfdebug.debugger.timeline.index import TakenEdge
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.alignment.alignment import align
from sfdebug.history.recording import FAILURES
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import RecordedEvent, Recording

_SHOWN_PROBLEMS: Final = 5


class Marked(Struct, frozen=True):
    """What became of the visits to one state. When they ended differently, `status` is the first of `MarkStatus`.

    `failures` counts the attempts that failed, retried ones and caught ones included.
    """

    status: MarkStatus
    visits: int
    failures: int = 0
    caught: int = 0


class RecordingOverlay(Struct, frozen=True):
    """Where one execution went. States that it did not visit are not in `states`.

    `taken` counts each transition. A history does not say which rule of a Choice matched: where several lead to the
    state that came next, all of them are in it. `problems` are events that do not fit the definition, in words.
    """

    source: str
    status: ExecutionStatus
    events: int
    states: Mapping[StatePath, Marked]
    taken: Mapping[TakenEdge, int]
    problems: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """What came of it: `FAILED after 12 events`."""
        return f"{self.status.value} after {counted(self.events, 'event')}"


class CoverageOverlay(Struct, frozen=True):
    """Where several executions went, all together. States that none of them entered are not in `states`.

    `problems` say of what it is not known whether they did.
    """

    source: str
    executions: int
    states: Mapping[StatePath, Marked]
    taken: Mapping[TakenEdge, int]
    problems: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """How many executions there were."""
        return counted(self.executions, "execution")


def follow(machine: StateMachine, recording: Recording) -> RecordingOverlay:
    """The overlay of `recording` on `machine`. Never raises: what does not fit is said in its problems."""
    builder = _OverlayBuilder(machine, align(recording, machine))
    problems = list(dict.fromkeys(builder.problems))
    if len(problems) > _SHOWN_PROBLEMS:
        more = len(problems) - _SHOWN_PROBLEMS
        problems[_SHOWN_PROBLEMS:] = [f"{more} more {'event does' if more == 1 else 'events do'} not fit"]
    return RecordingOverlay(
        PurePath(recording.title).name,
        recording.status,
        len(recording.events),
        builder.marks(),
        builder.taken,
        tuple(problems),
    )


_STATUSES: Final = {
    "succeeded": MarkStatus.DONE,
    "caught": MarkStatus.CAUGHT,
    "failed": MarkStatus.FAILED,
    "aborted": MarkStatus.ABORTED,
    "running": MarkStatus.CURRENT,
}


class _OverlayBuilder:
    """Finds the states of the recorded visits in the definition, and the transitions that led from one to the next.

    `taken` counts the transitions; `problems` are the events that do not fit, in words.
    """

    def __init__(self, machine: StateMachine, alignment: Alignment) -> None:
        self.taken: Counter[TakenEdge] = Counter()
        self.problems: list[str] = []
        self._alignment = alignment
        self._by_name: dict[str, list[State]] = {}
        for state in machine.walk():
            self._by_name.setdefault(state.name, []).append(state)
        self._states: dict[int, State] = {}
        self._failures: Counter[int] = Counter()
        self._failing: set[int] = set()
        for index, event in enumerate(alignment.recording.events):
            visit = alignment.visit_at(index)
            if event.is_exit and (visit is None or visit.number not in self._states or visit.state != event.name):
                self.problems.append(f"event {event.id} leaves {event.name}, which was not entered before")
            elif event.is_entry and visit is not None:
                self._enter(event, visit)
            elif visit is not None and not event.type.startswith("MapIteration"):
                self._note_failure(event, visit.number)

    def _enter(self, event: RecordedEvent, visit: RecordedVisit) -> None:
        left = self._left_for(visit)
        state = self._state_of(visit, left)
        if state is None:
            self.problems.append(f"event {event.id} enters {event.name}, which is no state of the definition")
            return
        self._states[visit.number] = state
        if left is None:
            self.taken[TakenEdge(state.path[:-2], state.path, "start")] += 1
            return
        source = self._states[left.number]
        kinds = list(_kinds(source, state, is_caught=left.number in self._failing))
        for kind in kinds:
            self.taken[TakenEdge(source.path, state.path, kind)] += 1
        if not kinds:
            self.problems.append(
                f"event {event.id} goes from {source.name} to {event.name}: the definition has no such transition"
            )

    def _left_for(self, visit: RecordedVisit) -> RecordedVisit | None:
        """The last visit before, to a state of the definition, that led here; None at the beginning of a branch."""
        while visit.previous is not None and visit.entered.previous_event_id in self._alignment.recording.by_id:
            visit = self._alignment.visits[visit.previous]
            if visit.number in self._states:
                return visit
        return None

    def _state_of(self, visit: RecordedVisit, left: RecordedVisit | None) -> State | None:
        """The state that was visited; of several of its name, one beside that which was left, or in the container."""
        found = self._by_name.get(visit.state, [])
        if len(found) > 1:
            around = self._states.get(visit.container) if visit.container is not None else None
            if left is not None:
                near = [state for state in found if state.path[:-1] == self._states[left.number].path[:-1]]
            else:
                scope = around.path if around is not None else ()
                near = [state for state in found if state.path[:-2] == scope]
            found = near or found
        return found[0] if found else None

    def _note_failure(self, event: RecordedEvent, number: int) -> None:
        """A visit that goes on fails, or is tried again."""
        if event.type.endswith(FAILURES):
            self._failures[number] += number not in self._failing
            self._failing.add(number)
        elif event.type.endswith(("Scheduled", "Started", "Succeeded")):
            self._failing.discard(number)

    def marks(self) -> dict[StatePath, Marked]:
        """What became of each state."""
        grouped: dict[StatePath, list[RecordedVisit]] = {}
        for number, state in self._states.items():
            grouped.setdefault(state.path, []).append(self._alignment.visits[number])
        order = list(MarkStatus)
        marks = {}
        for path, visits in grouped.items():
            statuses = [_STATUSES[visit.status] for visit in visits]
            failures = sum(self._failures[visit.number] for visit in visits)
            caught = statuses.count(MarkStatus.CAUGHT)
            marks[path] = Marked(min(statuses, key=order.index), len(visits), failures, caught)
        return marks


def _kinds(source: State, state: State, *, is_caught: bool) -> Iterator[str]:
    """The kinds of transition that can have led from one state to another, after a failure that was caught or not."""
    name = state.name
    if is_caught:
        if any(catcher.next == name for catcher in source.catchers):
            yield "catch"
        return
    if source.next == name:
        yield "next"
    if any(rule.next == name for rule in source.choices):
        yield "choice"
    if source.default == name:
        yield "default"
