"""Driving the engine along a recording: which decision brings a branch to its next recorded event.

The engine moves a branch by phases, AWS records events: a driver moves the branch of an event, at the event's time,
until that event is there, and answers Tasks with what was recorded of the same attempt.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sfdebug.engine import ExecutionStatus, step
from sfdebug.engine.execution.decisions import AnswerTask, ExpireExecution, Proceed, Redrive, StopExecution
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.execution.work import TaskWork
from sfdebug.engine.readiness import next_to_move
from sfdebug.errors import DecisionError
from sfdebug.history.alignment.map_runs import RecordedMapRuns
from sfdebug.history.alignment.visits import answer_in, is_scheduled, refused_task
from sfdebug.history.recording import CONTAINER_STARTS
from sfdebug.history.replay.nondeterminism import Shadows, unknown_settings
from sfdebug.history.replay.timing import ENDS, Timekeeper, timed

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.recording import RecordedEvent

_FAILURES: Final = ("Failed", "TimedOut", EventType.FAIL_STATE_ENTERED, "Aborted")
_REACHED_OTHERWISE: Final = frozenset(
    {
        EventType.EXECUTION_REDRIVEN,
        EventType.EXECUTION_ABORTED,
        EventType.EXECUTION_TIMED_OUT,
        EventType.EXECUTION_FAILED,
        *CONTAINER_STARTS,
    }
)
_MOST_REPORTED: Final = 50
_MOST_CHILD_STEPS: Final = 1_000_000


class Upcoming(Protocol):
    """A branch's recorded events that are yet to come: looked at where one needs them, which is seldom."""

    def walk(self) -> Iterator[int]:
        """Their indices, one after the other."""


class BranchEvents(NamedTuple):
    """A branch's recorded events, by their indices, from one of them on, without a copy."""

    indices: Sequence[int]
    first: int

    def walk(self) -> Iterator[int]:
        """The events, one after the other."""
        return (self.indices[position] for position in range(self.first, len(self.indices)))


class UpcomingEvents:
    """What is yet to come of an aligned recording; `now` is the event that was come to."""

    def __init__(self, alignment: Alignment) -> None:
        self.now = 0
        self._alignment = alignment
        self._count = len(alignment.recording.events)
        self._reported = [reported for reported, _ in alignment.failures]

    def of(self, branch_id: BranchId) -> Upcoming:
        """A branch's events that are yet to come."""
        indices = self._alignment.by_branch.get(branch_id, ())
        return BranchEvents(indices, bisect_right(indices, self.now))

    def until_redrive(self, upcoming: Upcoming) -> Iterator[int]:
        """Those of `upcoming` before the next redrive: nothing that is under way goes on beyond it."""
        redrives = self._alignment.redrives
        following = bisect_right(redrives, self.now)
        last = redrives[following] if following < len(redrives) else self._count
        return takewhile(lambda index: index < last, upcoming.walk())

    def has_more_of(self, branch_id: BranchId) -> bool:
        """Whether the recording has more of a branch before the execution ends or is redriven."""
        return next(self.until_redrive(self.of(branch_id)), None) is not None

    def when_reported(self, branch_id: BranchId) -> int:
        """How soon the recording says that a container, or the execution, failed with the fault of this branch: of
        several that fail at the same time it is one that takes the others along."""
        branches, depth, first = self._alignment.branches, len(branch_id), bisect_left(self._reported, self.now)
        for number, (_, fault) in enumerate(self._alignment.failures[first : first + _MOST_REPORTED]):
            if branches[fault][:depth] == branch_id:
                return number
        return _MOST_REPORTED


class _NotRecordedError(Exception):
    """A question whose answer the recording does not hold: why, in words."""


class _RecordedAnswers:
    """What the questions of a replayed execution were answered when it was recorded."""

    def __init__(self, alignment: Alignment, upcoming: UpcomingEvents) -> None:
        self._events = alignment.recording.events
        self._upcoming = upcoming
        self._map_runs = RecordedMapRuns(alignment)

    def of_task(self, branch: Branch, execution: Execution, upcoming: Upcoming) -> Answer:
        """The answer to a Task, as long after now as it was recorded. Raises _NotRecordedError."""
        events = (self._events[index] for index in self._upcoming.until_redrive(upcoming))
        found = answer_in(event for event in events if not is_scheduled(event.type))
        if found is None:
            raise _NotRecordedError(f"the recording does not say how '{branch.state_name}' was answered")
        if found.is_unknown:
            lack = found.event.lack_of("output") if found.event is not None else "was not recorded"
            raise _NotRecordedError(f"the result of '{branch.state_name}' {lack}")
        if found.event is None or found.event.time is None or not isinstance(branch.work, TaskWork):
            return found.answer
        done = found.event.time - execution.settings.start_time
        return timed(found.answer, branch.work, max(0.0, (done - execution.clock) / 1000))

    def of_map_run(self, request: TaskRequest) -> Answer | None:
        """A Map Run's result, as far as the history shows it; None where its child executions can be run. Raises
        _NotRecordedError."""
        answer = self._map_runs.answer(request)
        if answer is None and not request.is_optional:
            name = request.state.name
            raise _NotRecordedError(f"the history holds neither the items nor the result of the Map Run of '{name}'")
        return answer


class EngineDriver:
    """Holds the execution and moves it, and its `shadows` along with it; `times` notes when.

    An execution that goes on for longer than its definition allows, and `tolerance_seconds` more, times out; with None
    recorded times are not judged. `reason` says why the last `advance` failed, `lacks_data` whether for something that
    the recording does not hold.
    """

    def __init__(self, execution: Execution, alignment: Alignment, tolerance_seconds: float | None = None) -> None:
        self.execution = execution
        self.start_time = execution.settings.start_time
        self.reason = ""
        self.lacks_data = False
        self.times = Timekeeper(execution, tolerance_seconds)
        self.shadows = Shadows(execution, unknown_settings(alignment.recording, execution.settings))
        self._has_shadows = bool(self.shadows)
        self.trail: list[Execution] | None = None
        """Where every execution is kept that it comes to, when somebody asks for that."""
        self._upcoming = UpcomingEvents(alignment)
        self._answers = _RecordedAnswers(alignment, self._upcoming)
        self._alignment = alignment
        self._events = alignment.recording.events

    def moment(self, event: RecordedEvent) -> int | None:
        """When the event happened, in milliseconds since the start of the execution."""
        return None if event.time is None else event.time - self.start_time

    def step(self, decision: Decision) -> bool:
        """One step of the engine; False when the decision does not fit."""
        before = self.execution
        if not self.correct(decision):
            return False
        if self._has_shadows:
            self.shadows.follow(before, decision, self.execution)
        if len(self.execution.branches) < len(before.branches) or isinstance(decision, ENDS):
            self.times.note_cut_short(before, decision, self.execution)
        return True

    def correct(self, decision: Decision) -> bool:
        """A step that the shadows do not take: with an EditInput or EditOutput a branch goes on with what was recorded,
        in place of what nobody can compute, and they are given that (`Shadows.agree`)."""
        try:
            self.execution = step(self.execution, decision)
        except DecisionError as error:
            self.reason = error.what
            return False
        if self.trail is not None:
            self.trail.append(self.execution)
        return True

    def advance(self, event: RecordedEvent, branch_id: BranchId, branch: Branch | None, upcoming: Upcoming) -> bool:
        """Move on towards `event` of a branch, as it stands; `upcoming` are it and those after it in the branch.

        False when nothing that can move leads there.
        """
        self.lacks_data = False
        at, times = self.moment(event), self.times
        is_running = branch is not None and self.execution.status is ExecutionStatus.RUNNING
        if branch is None or not is_running or not _is_reached_by_moving(event.type) or times.has_expired(at):
            return self._advance_otherwise(event, branch_id, upcoming)
        times.failed_at = None
        return self._move(branch, at, upcoming)

    def _advance_otherwise(self, event: RecordedEvent, branch_id: BranchId, upcoming: Upcoming) -> bool:
        """Move on towards an event that its branch does not come to by moving alone."""
        if event.type == EventType.EXECUTION_REDRIVEN:
            return self._redrive(self.moment(event))
        if self.execution.status is not ExecutionStatus.RUNNING:
            self.reason = f"the computed execution is over: {self.execution.status}"
            return False
        at = self.moment(event)
        self.times.failed_at = None
        if event.type in CONTAINER_STARTS:
            before = self._alignment.recording.by_id.get(event.previous_event_id)
            self.times.failed_at = self.moment(before) if before is not None else None
        elif event.type == EventType.EXECUTION_ABORTED:
            return self.step(StopExecution(event.text("error"), event.text("cause"), at))
        elif event.type == EventType.EXECUTION_TIMED_OUT:
            self.times.note_expiry(self.execution, at)
            return self.step(ExpireExecution(at))
        if self.times.has_expired(at):
            return self.step(ExpireExecution(self.times.deadline))
        if event.type.endswith("Aborted"):
            return self._fail_around(branch_id, at)
        branch = self.execution.branches.get(branch_id)
        if branch is None:
            branch = (
                self.execution.branches.get(branch_id[:-1]) if event.type == EventType.MAP_ITERATION_STARTED else None
            )
            if branch is None:
                self.reason = "the computed execution has no such branch at this moment"
                return False
        if event.type == EventType.EXECUTION_FAILED:
            refused = refused_task(branch, event)
            if refused is not None:
                return self.step(refused)
        return self._move(branch, at, upcoming)

    def _redrive(self, at: int | None) -> bool:
        """The execution goes on: its time is counted anew, and each state begins, as it otherwise does on its entry."""
        if not self.step(Redrive(at)):
            return False
        self.times.begin(self.execution)
        for branch in list(self.execution.branches.values()):
            if branch.phase is Phase.WORK and branch.work is None:
                self.step(Proceed(branch.id, at=at))
        for branch in list(self.execution.branches.values()):
            if branch.phase is Phase.FAULT:
                self._begin_retry(branch.id, at, self._upcoming.of(branch.id))
        self._begin_waits(at)
        return True

    def _begin_waits(self, at: int | None) -> None:
        """Faults are handled at once. Where a Retrier took one there is no event of it, and none when it is cut short
        before it tries again; but a redrive does not go on inside of what waited for that."""
        moved = True
        while moved:
            moved = any(
                self._is_silent(branch.id, at) and self.step(Proceed(branch.id, at=at))
                for branch in list(self.execution.branches.values())
                if branch.phase is Phase.FAULT or branch.child_fault is not None
            )

    def _is_silent(self, branch_id: BranchId, at: int | None) -> bool:
        """Whether the next step of a branch leaves no event, and takes no branch along of which more is recorded."""
        try:
            after = step(self.execution, Proceed(branch_id, at=at))
        except DecisionError:
            return False
        if len(after.events) > len(self.execution.events):
            return False
        ended = self.execution.branches.keys() - after.branches.keys()
        return len(ended) <= 1 or not any(self._upcoming.has_more_of(branch) for branch in ended)

    def _move(self, branch: Branch, at: int | None, upcoming: Upcoming) -> bool:
        phase = branch.phase
        if phase is Phase.ASKING:
            return self._answer(branch, at, upcoming)
        if phase is Phase.SLEEPING:
            self.times.note_wake(branch, at, self.shadows)
            return self.step(Proceed(branch.id, at=self.execution.clock if at is None else at))
        if self.step(Proceed(branch.id, at=at)):
            return True
        if phase is not Phase.CHILDREN:
            return False
        return self._move_inside(branch, at)

    def _move_inside(self, container: Branch, at: int | None) -> bool:
        """A container waits: for the failure of a branch to reach it, or for the child executions of its Map Run."""
        if self._fail_below(container.id, at):
            return True
        others = self.execution.branches.values()
        children = [branch for branch in others if branch.child_id and _below(branch, container)]
        if children:
            return self._run_children(container.id, at)
        self.reason = f"'{container.state_name}' waits for its branches"
        return False

    def _fail_around(self, branch_id: BranchId, at: int | None) -> bool:
        """Let a fault inside the nearest container be handled: it is what aborts the branch."""
        for depth in range(len(branch_id) - 1, -1, -1):
            if self._fail_below(branch_id[:depth], at):
                return True
        self.reason = "no other branch has failed"
        return False

    def _fail_below(self, container: BranchId, at: int | None) -> bool:
        depth = len(container)
        failing = [
            branch.id
            for branch in self.execution.branches.values()
            if branch.id[:depth] == container and (branch.phase is Phase.FAULT or branch.child_fault is not None)
        ]
        failing.sort(key=lambda found: (-len(found), found))
        if len(failing) > 1:
            failing.sort(key=self._upcoming.when_reported)
        return any(self.step(Proceed(found, at=at)) for found in failing)

    def settle(self, event: RecordedEvent, branch_id: BranchId, upcoming: Upcoming) -> bool:
        """What happens at the time of `event`, though its own event comes later: a task is answered (so that its limits
        count from now), a Retrier is chosen (so that its delay does). Whether anything did."""
        before = self.execution
        branch = before.branches.get(branch_id)
        if branch is not None and branch.phase is Phase.ASKING and is_scheduled(event.type):
            self._answer(branch, self.moment(event), upcoming)
        elif branch is not None and branch.phase is Phase.FAULT:
            self._begin_retry(branch_id, self.moment(event), upcoming)
        if self._alignment.redrives and event.type.endswith(_FAILURES):
            self._begin_waits(self.moment(event))
        return self.execution is not before

    def _begin_retry(self, branch_id: BranchId, at: int | None, upcoming: Upcoming) -> None:
        for index in self._upcoming.until_redrive(upcoming):
            follower = self._events[index].type
            if is_scheduled(follower) or follower in CONTAINER_STARTS:
                self.step(Proceed(branch_id, at=at))
                return
            if not follower.endswith("Aborted"):
                return

    def at_event(self, index: int) -> None:
        """Note which recorded event the drive has come to."""
        self._upcoming.now = index

    # answers

    def _answer(self, branch: Branch, at: int | None, upcoming: Upcoming) -> bool:
        request = branch.request
        assert request is not None
        try:
            if request.kind is RequestKind.MAP_RUN:
                answer = self._answers.of_map_run(request)
            else:
                answer = self._answers.of_task(branch, self.execution, upcoming)
        except _NotRecordedError as error:
            self.reason, self.lacks_data = str(error), True
            return False
        return self.step(Proceed(branch.id, at=at) if answer is None else AnswerTask(branch.id, answer, at))

    def _run_children(self, container: BranchId, at: int | None) -> bool:
        """Run the child executions of a Map Run until the Map can go on, or one of them asks."""
        for _ in range(_MOST_CHILD_STEPS):
            branch = self.execution.branches.get(container)
            if branch is None or branch.phase is not Phase.CHILDREN:
                return True
            if self.step(Proceed(container, at=at)):
                continue
            moved = self._move_child(container, at)
            if not moved:
                self.reason = "the history holds nothing of the Map Run's child executions, and one of them asks"
                self.lacks_data = True
                return False
        return False

    def _move_child(self, container: BranchId, at: int | None) -> bool:
        """Move one of the child executions of a Map Run: the one whose turn it is."""
        depth, first = len(container), next_to_move(self.execution)
        if first is not None and len(first) > depth and first[:depth] == container:
            return self.step(Proceed(first, at=at))
        inside = [
            found
            for found in self.execution.branches.values()
            if found.id[:depth] == container and found.id != container and not _must_ask(found)
        ]
        inside.sort(key=lambda found: (found.turn, found.id))
        return any(self.step(Proceed(found.id, at=self.execution.clock if at is None else at)) for found in inside)


@lru_cache(maxsize=512)
def _is_reached_by_moving(event_type: str) -> bool:
    """Whether nothing but the next move of its branch leads to an event of this type: nearly all of them."""
    return event_type not in _REACHED_OTHERWISE and not event_type.endswith("Aborted")


def _must_ask(branch: Branch) -> bool:
    return branch.phase is Phase.ASKING and not (branch.request is not None and branch.request.is_optional)


def _below(branch: Branch, container: Branch) -> bool:
    return len(branch.id) > len(container.id) and branch.id[: len(container.id)] == container.id
