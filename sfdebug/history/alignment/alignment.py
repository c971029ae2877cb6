"""Following a recorded history by previousEventId: which branch and which visit every event belongs to.

Order and previousEventIds are those of AWS's recorded executions: a state's events follow one another; the first event
of a Parallel branch or of an iteration follows the container's start (or, recorded, the end of the iteration whose
place it takes); what ends a container follows the last event of the branch that ended or failed last, which says whose
failure it was. After a redrive nothing is entered again: the next event of a state follows its old entry (measured on
AWS by others, see engine/redriving.py), or, in files made otherwise, the ExecutionRedriven.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.collection import seldom_collected
from sfdebug.engine.execution.events import STATE_ABORTED, EventType
from sfdebug.history.alignment.visits import Attempt, RecordedVisit, error_in
from sfdebug.history.recording import CONTAINER_STARTS, ENDINGS, FAILURES, RecordedEvent, Recording
from sfdebug.values import shown_without

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine.execution.decisions import BranchId

CONTAINERS: Final = ("Map", "Parallel")
_OF_THE_EXECUTION: Final = frozenset({EventType.EXECUTION_STARTED, EventType.EXECUTION_REDRIVEN, *ENDINGS})
_OF_THE_STATE: Final = ("StateStarted", "StateSucceeded", "StateFailed", "StateAborted")
_REPORTS_A_FAILURE: Final = ("StateFailed", "StateStarted")
"""Where these follow an event inside their container, that is what it failed with (a Retrier starts it again)."""
_TAKEN_ALONG: Final = frozenset(
    {
        EventType.MAP_ITERATION_FAILED,
        EventType.MAP_ITERATION_ABORTED,
        EventType.EXECUTION_FAILED,
        EventType.MAP_RUN_FAILED,
        EventType.MAP_STATE_FAILED,
        EventType.PARALLEL_STATE_FAILED,
        *STATE_ABORTED.values(),
    }
)
"""What fails because something in it did. (A Map Run's children are not in the history of its execution.)"""
_UNSUCCESSFUL: Final = (EventType.EXECUTION_FAILED, EventType.EXECUTION_TIMED_OUT, EventType.EXECUTION_ABORTED)


class Alignment(Struct, frozen=True, dict=True):
    """A recording followed. Events are named by their index in the recording, visits by their number.

    `branches` says of each event which branch it belongs to, `visit_of` which visit (None for the execution's own
    events). `by_branch` are the events of each branch. `failures` are the faults that nobody took, in the order in
    which that was reported: the event that reports it, of the container that failed with it or of the execution, and
    that of the fault. `redrives` are the ExecutionRedriven events.
    """

    recording: Recording
    branches: tuple[BranchId, ...]
    visit_of: tuple[int | None, ...]
    visits: tuple[RecordedVisit, ...]
    by_branch: Mapping[BranchId, tuple[int, ...]]
    failures: tuple[tuple[int, int], ...] = ()
    redrives: tuple[int, ...] = ()

    __repr__ = shown_without("branches", "visit_of", "visits", "by_branch", "failures")

    def visit_at(self, index: int) -> RecordedVisit | None:
        """The visit that an event belongs to."""
        number = self.visit_of[index]
        return self.visits[number] if number is not None else None

    def state_at(self, index: int) -> str:
        """The name of the state that an event belongs to; of the execution's own events what they name, or ""."""
        visit = self.visit_at(index)
        return visit.state if visit is not None else self.recording.events[index].name

    @cached_property
    def next_visits(self) -> Mapping[int, RecordedVisit]:
        """The transitions that were taken: for a visit that was left, by its number, the one that it led to."""
        return {visit.previous: visit for visit in self.visits if visit.previous is not None}

    # what failed

    @property
    def failed_ends(self) -> tuple[tuple[RecordedEvent, RecordedEvent], ...]:
        """Each end of the execution that a redrive went on from, with the ExecutionRedriven."""
        events = self.recording.events
        found = ((index, events[index - 1]) for index in self.redrives if index)
        return tuple((end, events[index]) for index, end in found if end.type in _UNSUCCESSFUL)

    @property
    def failure(self) -> int | None:
        """The event that made the execution fail; None when it did not, in the end."""
        end = self.recording.end
        return self.failure_behind(end) if end is not None and end.type in _UNSUCCESSFUL else None

    def failure_behind(self, end: RecordedEvent) -> int | None:
        """The event that began it that the execution ended with `end`, below the containers that it took along."""
        by_id = self.recording.by_id
        event: RecordedEvent | None = by_id.get(end.previous_event_id)
        if event is not None and event.type == EventType.EXECUTION_REDRIVEN:  # a Fail state failed again, without event
            event = next((one.entered for one in self.visits if event.id in one.redriven and one.failed), event)
        first = event
        for _ in self.recording.events:
            if event is None or event.type not in _TAKEN_ALONG or event.type == EventType.MAP_RUN_FAILED:
                break
            before = by_id.get(event.previous_event_id)
            if before is None or not _is_fault(before):
                break
            event = before
        return self.recording.index_of((event or first or end).id)

    def error_of(self, attempt: Attempt) -> str | None:
        """The error that an attempt failed with, of a Parallel or Map that of the fault inside it, since its own event
        has none. None where it did not fail, or no event names it."""
        if attempt.error is not None or attempt.ended is None or not attempt.failed:
            return attempt.error
        index = self.failure_behind(attempt.ended)
        return error_in(self.recording.events[index]) if index is not None else None

    @property
    def faults(self) -> tuple[int, ...]:
        """All recorded faults: each failed attempt, evaluation, and Fail state."""
        return tuple(
            index
            for index, event in enumerate(self.recording.events)
            if (event.type.endswith(FAILURES) and event.type not in _TAKEN_ALONG and event.type not in ENDINGS)
            or event.type == EventType.FAIL_STATE_ENTERED
        )


def _is_fault(event: RecordedEvent) -> bool:
    return event.type.endswith((*FAILURES, "Aborted")) or event.type == EventType.FAIL_STATE_ENTERED


def align(recording: Recording, machine: StateMachine | None = None, *, bridges_gaps: bool = True) -> Alignment:
    """Follow the events of `recording`.

    With the definition, `machine`, a Parallel branch is known by its first state's name; without it, by the order in
    which the branches begin. An event that follows a missing one is taken to follow the nearest earlier one, or, when
    gaps are not bridged, none.
    """
    with seldom_collected():
        return _Follower(recording, machine, bridges_gaps=bridges_gaps).alignment()


class _Follower:
    """Takes the events in order, and keeps what is open."""

    def __init__(self, recording: Recording, machine: StateMachine | None, *, bridges_gaps: bool) -> None:
        self._recording = recording
        self._bridges_gaps = bridges_gaps
        self._first_states = _first_states(machine) if machine is not None else {}
        self._branches: list[BranchId] = []
        self._visit_of: list[int | None] = []
        self._visits: list[_OpenVisit] = []
        self._container: dict[BranchId, int] = {}
        self._last: dict[BranchId, _OpenVisit] = {}
        self._index_by_id = recording.index_by_id
        self._ended: dict[BranchId, str] = {}
        self._failures: list[tuple[int, int]] = []
        self._redrives: list[int] = []

    def alignment(self) -> Alignment:
        by_branch: dict[BranchId, list[int]] = defaultdict(list)
        for index, event in enumerate(self._recording.events):
            branch, visit = self._follow(event)
            self._branches.append(branch)
            self._visit_of.append(visit)
            by_branch[branch].append(index)
        self._cut_short()
        return Alignment(
            self._recording,
            tuple(self._branches),
            tuple(self._visit_of),
            tuple(visit.closed() for visit in self._visits),
            {branch: tuple(indices) for branch, indices in by_branch.items()},
            tuple(self._failures),
            tuple(self._redrives),
        )

    def _follow(self, event: RecordedEvent) -> tuple[BranchId, int | None]:
        """The branch and the visit of the next event."""
        event_type = event.type
        parent = self._parent(event)
        if event_type in _OF_THE_EXECUTION:
            if event_type == EventType.EXECUTION_REDRIVEN:
                self._redrive(event)
            elif event_type == EventType.EXECUTION_FAILED:
                self._note_failure((), parent)
            return (), None
        if event.is_entry:
            return self._enter(event, parent)
        if event_type.startswith("MapIteration"):
            return self._iteration(event, parent)
        visit = self._owner(event, parent)
        if visit is None and parent is not None and self._recording.events[parent].type == EventType.EXECUTION_REDRIVEN:
            visit = self._resumed(event)
        if visit is None:
            return (self._branches[parent], None) if parent is not None else ((), None)
        branch = self._visits[visit].branch
        is_inside = parent is not None and len(self._branches[parent]) > len(branch)
        if is_inside and event_type.endswith(_REPORTS_A_FAILURE):
            self._note_failure(branch, parent)
        self._visits[visit].take(event)
        return branch, visit

    def _parent(self, event: RecordedEvent) -> int | None:
        """The event before; the nearest earlier one when that is missing."""
        wanted, count = event.previous_event_id, len(self._branches)
        if not wanted:
            return None
        index = self._index_by_id.get(wanted)
        if (index is None or index >= count) and not self._bridges_gaps:
            return None
        if index is None or index >= count:
            events = self._recording.events
            index = next((index for index in range(count - 1, -1, -1) if events[index].id < wanted), None)
        return index

    def _enter(self, event: RecordedEvent, parent: int | None) -> tuple[BranchId, int | None]:
        branch: BranchId = () if parent is None else self._branches[parent]
        before = self._recording.events[parent] if parent is not None else None
        if before is not None and before.type == EventType.PARALLEL_STATE_STARTED and parent is not None:
            container = self._visit_of[parent]
            if container is not None:  # else the entry of the Parallel is missing
                around = self._visits[container]
                branch = (*around.branch, (around.state, self._branch_index(event, container)))
                self._container[branch] = container
        visit = _OpenVisit(event, branch, self._container.get(branch), len(self._visits))
        if parent is None or before is None or before.id != event.previous_event_id:
            visit.previous = self._left_before(visit)
        elif before.is_exit:
            visit.previous = self._visit_of[parent]
        self._visits.append(visit)
        self._last[branch] = visit
        return branch, visit.number

    def _left_before(self, visit: _OpenVisit) -> int | None:
        """The visit of the same branch that was left for one of which the event before is missing."""
        last = self._last.get(visit.branch)
        is_left = last is not None and last.container == visit.container and last.exited is not None
        return last.number if last is not None and is_left else None

    def _branch_index(self, event: RecordedEvent, container: int) -> int:
        """By the name of the branch's first state: names are unique, the next run of the Parallel is numbered alike."""
        known = self._first_states.setdefault(self._visits[container].state, {})
        return known.setdefault(event.name, len(known))

    def _iteration(self, event: RecordedEvent, parent: int | None) -> tuple[BranchId, int | None]:
        """Which iteration a MapIteration… event tells of: its index, in the Map around it."""
        name, index = event.name, event.details.get("index")
        number = index if isinstance(index, int) and not isinstance(index, bool) else 0
        around: BranchId = () if parent is None else self._branches[parent]
        depth = next((depth for depth in range(len(around) - 1, -1, -1) if around[depth][0] == name), len(around))
        branch = (*around[:depth], (name, number))
        visit = self._visit_of[parent] if parent is not None else None
        while visit is not None and self._visits[visit].state != name:
            visit = self._container.get(self._visits[visit].branch)
        if event.type != EventType.MAP_ITERATION_STARTED:
            self._ended[branch] = event.type
            if event.type == EventType.MAP_ITERATION_FAILED:
                self._note_failure(branch[:-1], parent)
        elif visit is not None and len(self._visits[visit].branch) < len(branch):  # a damaged file can have it inside
            self._ended.pop(branch, None)
            self._container[branch] = visit
        return branch, self._container.get(branch)

    def _owner(self, event: RecordedEvent, parent: int | None) -> int | None:
        """The visit that an event inside a state belongs to: that of the event before, or of a container around it."""
        visit = self._visit_of[parent] if parent is not None else None
        if event.type == EventType.EVALUATION_FAILED:
            return self._evaluated(event, visit)
        if event.is_exit:
            return self._around(visit, lambda found: found.state == event.name) if event.name else visit
        for kind in CONTAINERS:
            what = event.type.removeprefix(kind)
            if what != event.type and what in _OF_THE_STATE:
                return self._around(visit, lambda found: self._can_have(found, kind, what))  # noqa: B023
        return visit

    def _evaluated(self, event: RecordedEvent, before: int | None) -> int | None:
        """The visit whose JSONata failed. Recorded: the event names its state, and can follow the event before that was
        entered."""
        name, previous = event.text("state"), event.previous_event_id
        if before is not None and self._visits[before].state == name and self._visits[before].exited is None:
            return before
        found = [visit for visit in reversed(self._visits) if visit.state == name and visit.exited is None]
        exact = (visit for visit in found if previous in (visit.last.id, visit.entered.previous_event_id))
        chosen = next(exact, found[0] if found else None)
        return chosen.number if chosen is not None else before

    # failures, and redrives

    def _note_failure(self, around: BranchId, parent: int | None) -> None:
        """What follows the event at `parent`, in the branch `around`, says that the failure inside came up to there."""
        if parent is None:
            return
        event = self._recording.events[parent]
        visit = self._visit_of[parent]
        if event.type == EventType.EXECUTION_REDRIVEN:  # a Fail state that failed again
            visit = next((v.number for v in reversed(self._visits) if not v.branch and v.exited is None), None)
        if visit is None:
            return
        self._failures.append((len(self._branches), parent))
        while visit is not None and len(self._visits[visit].branch) >= len(around):
            self._visits[visit].failed = True
            if len(self._visits[visit].branch) == len(around):
                return
            visit = self._container.get(self._visits[visit].branch)

    def _cut_short(self) -> None:
        """Whatever is not left, and did not fail itself, was aborted, when what is around it is over."""
        is_over = self._recording.end is not None
        for visit in self._visits:
            around = self._visits[visit.container] if visit.container is not None else None
            has_gone_on = is_over if around is None else around.is_behind(visit) or around.aborted or around.failed
            if visit.exited is None and not visit.failed and (has_gone_on or is_over):
                visit.aborted = True

    def _redrive(self, event: RecordedEvent) -> None:
        """The visits that were not left go on, but for those of an earlier attempt of their container.

        Source: AWS docs, "Redriving Map Runs": a state is redriven when there is no Exited event for its Entered event.
        """
        self._redrives.append(len(self._branches))
        going_on: set[int] = set()
        for visit in self._visits:
            around = self._visits[visit.container] if visit.container is not None else None
            is_there = around is None or (around.number in going_on and not around.is_behind(visit))
            if visit.exited is None and is_there:
                going_on.add(visit.number)
                visit.resume(event)
        succeeded = EventType.MAP_ITERATION_SUCCEEDED
        self._ended = {branch: ended for branch, ended in self._ended.items() if ended == succeeded}

    def _resumed(self, event: RecordedEvent) -> int | None:
        """What a redrive goes on with, in a file whose events do not say it: a visit that nothing is recorded of since,
        of the event's kind; where there are several, the one that was called with the same."""
        redriven = self._recording.events[self._redrives[-1]].id if self._redrives else 0
        found = [visit for visit in self._visits if visit.redriven[-1:] == (redriven,)]
        if event.is_exit:
            found = [visit for visit in found if visit.state == event.name]
        else:
            kinds = CONTAINERS if event.type.startswith(CONTAINERS) else ("Task",)
            found = [visit for visit in found if visit.type in kinds]
        waiting = [visit for visit in found if visit.last.id < redriven] or found
        alike = (visit for visit in waiting if visit.attempts and visit.attempts[-1][0].details == event.details)
        chosen = next(alike, waiting[0] if waiting else None)
        return chosen.number if chosen is not None else None

    def _can_have(self, visit: _OpenVisit, kind: str, what: str) -> bool:
        """Whether a container's event can be that of `visit`.

        Recorded: StateFailed is there when a branch failed or JSONata did, not when a path of its own fields did.
        """
        if visit.type != kind or visit.is_over or visit.branch in self._ended:
            return False
        return what != "StateFailed" or bool(visit.attempts) or visit.last.type == EventType.EVALUATION_FAILED

    def _around(self, visit: int | None, fits: Callable[[_OpenVisit], bool]) -> int | None:
        """The first that fits of a visit and the containers around it; the visit itself when none does."""
        start = visit
        while visit is not None:
            if fits(self._visits[visit]):
                return visit
            visit = self._container.get(self._visits[visit].branch)
        return start


class _OpenVisit:
    """A visit whose events are still being followed."""

    def __init__(self, entered: RecordedEvent, branch: BranchId, container: int | None, number: int) -> None:
        self.entered = entered
        self.branch = branch
        self.container = container
        self.number = number
        self.state = entered.name
        self.type = entered.type.removesuffix("StateEntered")
        self.last = entered
        self.exited: RecordedEvent | None = None
        self.is_over = False
        self.attempts: list[list[RecordedEvent]] = []
        self.aborted = False
        self.failed = False
        self.redriven: tuple[int, ...] = ()
        self.previous: int | None = None
        self._redrives: list[int] = []

    def is_behind(self, inside: _OpenVisit) -> bool:
        """Whether a visit inside belongs to an attempt before the last, or this one was left."""
        began = self.attempts[-1][0].id if self.attempts else 0
        return self.exited is not None or inside.entered.id < began

    def resume(self, redriven: RecordedEvent) -> None:
        """The execution was redriven, and the visit goes on."""
        self.is_over = self.aborted = self.failed = False
        self.redriven = (*self.redriven, redriven.id)

    def take(self, event: RecordedEvent) -> None:
        """Take in an event of the visit."""
        self.last = event
        event_type = event.type
        if event.is_exit:
            self.exited, self.is_over = event, True
            return
        if event_type.endswith("StateAborted"):
            self.aborted = self.is_over = True
        elif event_type.endswith("StateFailed"):
            self.is_over = True
        elif event_type == EventType.EVALUATION_FAILED:  # recorded: a Catcher that fails has its Parallel fail again
            self.is_over = False
        elif event_type.endswith("Scheduled") or event_type in CONTAINER_STARTS:
            self.attempts.append([event])
            self._redrives.append(len(self.redriven))
            self.is_over = self.aborted = self.failed = False
            return
        if self.attempts:
            self.attempts[-1].append(event)

    def closed(self) -> RecordedVisit:
        """The visit as a value."""
        begun = zip(self.attempts, self._redrives, strict=True)
        attempts = tuple(Attempt(number, tuple(events), count) for number, (events, count) in enumerate(begun, 1))
        return RecordedVisit(
            self.number, self.branch, self.state, self.type, self.entered, self.last, self.exited, attempts,
            self.container, self.aborted, self.failed, self.redriven, self.previous,
        )  # fmt: skip


def _first_states(machine: StateMachine) -> dict[str, dict[str, int]]:
    """For each Parallel, by its name: which branch a state's name begins."""
    return {
        state.name: {branch.start_at: index for index, branch in enumerate(state.branches)}
        for state in machine.walk()
        if state.type == "Parallel"
    }
