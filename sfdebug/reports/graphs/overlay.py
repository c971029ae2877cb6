"""Where an execution went in its definition: the states that it visited and how they ended, the transitions it took.

It is read from the events alone. They lead from one to the next by previousEventId, which keeps the branches of a
Parallel and the iterations of a Map apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.asl.definition import StatePath, StateType
from sfdebug.debugger.view.model import MarkStatus
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.alignment.alignment import align

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.history.recording import RecordedEvent, Recording

_FAULTS: Final = ("Failed", "TimedOut")
_SHOWN_PROBLEMS: Final = 5


class Taken(NamedTuple):
    """A transition that was taken; `kind` as in the graph. The source of a "start" is the container, () at the top."""

    source: StatePath
    target: StatePath
    kind: str


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of the visits to one state. When they ended differently, `status` is the first of `MarkStatus`.

    `failures` counts the attempts that failed, retried ones and caught ones included.
    """

    status: MarkStatus
    visits: int
    failures: int = 0
    caught: int = 0


@dataclass(frozen=True, slots=True)
class RecordingOverlay:
    """The trail of one execution. States that it did not visit are not in `states`.

    `taken` counts each transition. A history does not say which rule of a Choice matched: where several lead to the
    state that came next, all of them are in it. `problems` are events that do not fit the definition, in words.
    """

    source: str
    status: ExecutionStatus
    events: int
    states: Mapping[StatePath, Marked]
    taken: Mapping[Taken, int]
    problems: tuple[str, ...] = ()


def follow(machine: StateMachine, recording: Recording) -> RecordingOverlay:
    """The trail of `recording` in `machine`. Never raises: what does not fit is said in the trail's problems."""
    follower = _OverlayFollower(machine)
    for event in recording.events:
        follower.take(event)
    follower.finish({visit.entered.id: visit.status for visit in align(recording, machine).visits})
    problems = list(dict.fromkeys(follower.problems))
    if len(problems) > _SHOWN_PROBLEMS:
        more = len(problems) - _SHOWN_PROBLEMS
        problems[_SHOWN_PROBLEMS:] = [f"{more} more {'event does' if more == 1 else 'events do'} not fit"]
    return RecordingOverlay(
        PurePath(recording.title).name,
        recording.status,
        len(recording.events),
        follower.marks(),
        follower.taken,
        tuple(problems),
    )


_STATUSES: Final = {
    "succeeded": MarkStatus.DONE,
    "caught": MarkStatus.CAUGHT,
    "failed": MarkStatus.FAILED,
    "aborted": MarkStatus.ABORTED,
    "running": MarkStatus.CURRENT,
}


@dataclass(slots=True, eq=False)
class _Visit:
    """One stay in a state; `parent` is that of the container around it, None at the top."""

    state: State
    parent: _Visit | None
    entered: int
    status: MarkStatus | None = None
    is_failing: bool = False
    failures: int = 0

    def chain(self) -> Iterator[_Visit]:
        """This visit and those around it, from the inside out."""
        visit: _Visit | None = self
        while visit is not None:
            yield visit
            visit = visit.parent


@dataclass(slots=True)
class _Spot:
    """Where an event stands: in a visit, or (`is_between`) in its container, between two of its states."""

    visit: _Visit | None
    left: _Visit | None = None
    is_inside: bool = False


@dataclass(slots=True)
class _OverlayFollower:
    machine: StateMachine
    visits: list[_Visit] = field(default_factory=list)
    taken: dict[Taken, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _spots: dict[int, _Spot] = field(default_factory=dict)
    _by_name: dict[str, list[State]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for state in self.machine.walk():
            self._by_name.setdefault(state.name, []).append(state)

    def take(self, event: RecordedEvent) -> None:
        """Take one event in."""
        spot = self._spots.get(event.previous_event_id, _Spot(None))
        if event.is_entry:
            spot = self._enter(event, spot)
        elif event.is_exit:
            spot = self._exit(event, spot)
        elif event.type in ("ExecutionFailed", "ExecutionTimedOut"):
            for visit in spot.visit.chain() if spot.visit is not None else ():
                visit.status = visit.status or MarkStatus.FAILED
        else:
            spot = self._within(event, spot)
        self._spots[event.id] = spot

    def _enter(self, event: RecordedEvent, spot: _Spot) -> _Spot:
        parent = spot.visit if spot.is_inside or spot.left is not None else None
        state = self._state(event.name, spot.left, parent)
        if state is None:
            self.problems.append(f"event {event.id} enters {event.name}, which is no state of the definition")
            return spot
        if spot.left is None:
            self._count(Taken(state.path[:-2], state.path, "start"))
        else:
            self._leave_for(spot.left, state, event)
        visit = _Visit(state, parent, event.id)
        self.visits.append(visit)
        return _Spot(visit)

    def _state(self, name: str, left: _Visit | None, parent: _Visit | None) -> State | None:
        """The state called `name`; of several, the one next to the state that was left, or in the container."""
        found = self._by_name.get(name, [])
        if len(found) > 1:
            if left is not None:
                near = [state for state in found if state.path[:-1] == left.state.path[:-1]]
            else:
                around = parent.state.path if parent is not None else ()
                near = [state for state in found if state.path[:-2] == around]
            found = near or found
        return found[0] if found else None

    def _leave_for(self, left: _Visit, state: State, event: RecordedEvent) -> None:
        kinds = list(_kinds(left, state))
        for kind in kinds:
            self._count(Taken(left.state.path, state.path, kind))
        if not kinds:
            self.problems.append(
                f"event {event.id} goes from {left.state.name} to {event.name}: the definition has no such transition"
            )

    def _count(self, taken: Taken) -> None:
        self.taken[taken] = self.taken.get(taken, 0) + 1

    def _exit(self, event: RecordedEvent, spot: _Spot) -> _Spot:
        chain = spot.visit.chain() if spot.visit is not None else ()
        visit = next((each for each in chain if each.state.name == event.name), None)
        if visit is None:
            self.problems.append(f"event {event.id} leaves {event.name}, which was not entered before")
            return spot
        visit.status = MarkStatus.CAUGHT if visit.is_failing else MarkStatus.DONE
        return _Spot(visit.parent, left=visit)

    def _within(self, event: RecordedEvent, spot: _Spot) -> _Spot:
        """An event of a visit that goes on: it starts branches, fails, is tried again, or is cut off."""
        visit = self._visit_of(event, spot)
        if visit is None:
            return spot
        if event.type.endswith("StateAborted"):
            visit.status = visit.status or (MarkStatus.FAILED if visit.is_failing else MarkStatus.ABORTED)
        elif event.type in ("ParallelStateFailed", "MapStateFailed", "MapIterationFailed"):
            self._fail_inside(visit, spot.visit)
        if event.type.startswith("MapIteration"):
            return _Spot(visit, is_inside=event.type == "MapIterationStarted")
        if event.type.endswith(_FAULTS):
            visit.failures += not visit.is_failing
            visit.is_failing = True
        elif event.type.endswith(("Scheduled", "Started", "Succeeded")):
            visit.is_failing = False
        return _Spot(visit, is_inside=event.type in ("ParallelStateStarted", "MapStateStarted"))

    def _visit_of(self, event: RecordedEvent, spot: _Spot) -> _Visit | None:
        """The visit that the event is about; None when it is about none."""
        if event.type == "EvaluationFailed":
            # recorded: it follows the event before its state's own, and says the state itself
            name = event.text("state")
            found = [visit for visit in self.visits if visit.status is None and visit.state.name == name]
            return found[-1] if found else spot.visit
        chain = list(spot.visit.chain()) if spot.visit is not None else []
        if event.type.startswith(("MapIteration", "MapState", "MapRun")):
            chain = [visit for visit in chain if visit.state.type is StateType.MAP]
        elif event.type.startswith("ParallelState"):
            chain = [visit for visit in chain if visit.state.type is StateType.PARALLEL]
        elif spot.is_inside or spot.left is not None:
            return None if not chain else chain[0]
        if event.name:
            chain = [visit for visit in chain if visit.state.name == event.name]
        elif event.type.endswith("StateFailed"):
            # the branch's own Parallel has failed already when the one around it does
            chain = [visit for visit in chain if visit.status is None and not _has_failed(visit, spot)]
        return chain[0] if chain else None

    def _fail_inside(self, container: _Visit, inner: _Visit | None) -> None:
        """What led to the fault of a container has failed; whatever else ran in it was cut off."""
        for visit in inner.chain() if inner is not None else ():
            if visit is container:
                break
            visit.status = visit.status or MarkStatus.FAILED

    def finish(self, statuses: Mapping[int, str]) -> None:
        """Say how each visit ended, by the id of the event that entered it: the whole history tells what failed and
        what was cut short, and what a redrive went on with."""
        for visit in self.visits:
            visit.status = _STATUSES[statuses[visit.entered]]

    def marks(self) -> dict[StatePath, Marked]:
        """What became of each state."""
        grouped: dict[StatePath, list[_Visit]] = {}
        for visit in self.visits:
            grouped.setdefault(visit.state.path, []).append(visit)
        order = list(MarkStatus)
        marks = {}
        for path, visits in grouped.items():
            statuses = [visit.status for visit in visits if visit.status is not None]
            caught = statuses.count(MarkStatus.CAUGHT)
            failures = sum(visit.failures for visit in visits)
            marks[path] = Marked(min(statuses, key=order.index), len(visits), failures, caught)
        return marks


def _has_failed(visit: _Visit, spot: _Spot) -> bool:
    """Whether the event before was the fault of this very visit: the next one is about a container around it."""
    return visit is spot.visit and visit.is_failing


def _kinds(left: _Visit, state: State) -> Iterator[str]:
    """The kinds of transition that can have led from the visit to `state`."""
    source, name = left.state, state.name
    if left.status is MarkStatus.CAUGHT:
        if any(catcher.next == name for catcher in source.catchers):
            yield "catch"
        return
    if source.next == name:
        yield "next"
    if any(rule.next == name for rule in source.choices):
        yield "choice"
    if source.default == name:
        yield "default"
