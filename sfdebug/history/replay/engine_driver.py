"""Driving the engine along a recording: which decision brings a branch to its next recorded event.

The engine moves a branch by phases, AWS records events: a driver moves the branch of an event, at the event's time,
until that event is there, and answers Tasks with what was recorded of the same attempt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine import ExecutionStatus, step
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    ExpireExecution,
    Proceed,
    Redrive,
    StopExecution,
    TaskSilence,
)
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.execution.work import TaskWork
from sfdebug.engine.readiness import next_to_move
from sfdebug.errors import DecisionError
from sfdebug.history.alignment.answers import answer_in, is_scheduled
from sfdebug.history.alignment.map_runs import answer_of, has_tasks, recorded_map_runs
from sfdebug.history.alignment.outside_events import refused_task
from sfdebug.history.replay.delays import Stalled, Woken, after_seconds, limits_of, retry_delay, stalled_by, timed_out
from sfdebug.history.replay.nondeterminism import Nature, Shadows, unknown_settings
from sfdebug.history.replay.upcoming import Upcoming, UpcomingEvents
from sfdebug.limits import EXPRESS_MAX_SECONDS, STANDARD_MAX_SECONDS

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision, EditInput, EditOutput
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.map_runs import RecordedMapRun
    from sfdebug.history.recording import RecordedEvent

_SLACK: Final = 2.0
"""Seconds by which AWS may be late in timing out a task that does answer."""
_FAILURES: Final = ("Failed", "TimedOut", "FailStateEntered", "Aborted")
_ATTEMPT_STARTS: Final = ("MapStateStarted", "ParallelStateStarted")
_MOST_TOLD: Final = 50
_MOST_CHILD_STEPS: Final = 1_000_000


class EngineDriver:
    """Holds the execution and moves it, and its `shadows` along with it.

    An execution that goes on for longer than its definition allows, and `tolerance_seconds` more, times out; with None
    recorded times are not judged. `reason` says why the last `advance` failed, `lacks_data` whether for something that
    the recording does not hold.
    """

    def __init__(self, execution: Execution, alignment: Alignment, tolerance_seconds: float | None = None) -> None:
        self.execution = execution
        self.reason = ""
        self.lacks_data = False
        self.woken: list[Woken] = []
        self.stalled: list[Stalled] = []
        self.expires_at: int | None = None
        self._tolerance = None if tolerance_seconds is None else round(tolerance_seconds * 1000)
        if self._tolerance is not None:
            self.expires_at = self._deadline + self._tolerance
        self.shadows = Shadows(execution, unknown_settings(alignment.recording, execution.settings))
        self.trail: list[Execution] | None = None
        """Where every execution is kept that it comes to, when somebody asks for that."""
        self._ahead = UpcomingEvents(alignment)
        self._failed_at: int | None = None
        self._alignment = alignment
        self._events = alignment.recording.events
        self._map_runs: dict[str, list[RecordedMapRun]] | None = None

    def moment(self, event: RecordedEvent) -> int | None:
        """When the event happened, in milliseconds since the start of the execution."""
        return None if event.time is None else event.time - self.execution.settings.start_time

    def step(self, decision: Decision) -> bool:
        """One step of the engine; False when the decision does not fit."""
        before = self.execution
        try:
            self.execution = step(before, decision)
        except DecisionError as error:
            self.reason = error.what
            return False
        if self.shadows:
            self.shadows.follow(before, decision, self.execution)
        if self.trail is not None:
            self.trail.append(self.execution)
        self.stalled += stalled_by(before, decision, self.execution, self._failed_at)
        return True

    def correct(self, decision: EditInput | EditOutput) -> bool:
        """Have a branch go on with what was recorded, in place of what nobody can compute; its shadows too."""
        before = self.execution
        try:
            self.execution = step(before, decision)
        except DecisionError as error:
            self.reason = error.what
            return False
        if self.trail is not None:
            self.trail.append(self.execution)
        return True

    def advance(self, event: RecordedEvent, branch_id: BranchId, upcoming: Upcoming) -> bool:
        """Move on towards `event` of a branch; `upcoming` are the places of it and of those after it in the branch.

        False when nothing that can move leads there.
        """
        self.lacks_data = False
        if event.type == "ExecutionRedriven":
            return self._redrive(self.moment(event))
        if self.execution.status is not ExecutionStatus.RUNNING:
            self.reason = f"the computed execution is over: {self.execution.status}"
            return False
        at = self.moment(event)
        self._failed_at = None
        if event.type in _ATTEMPT_STARTS:
            before = self._alignment.recording.by_id.get(event.previous_event_id)
            self._failed_at = self.moment(before) if before is not None else None
        if event.type == "ExecutionAborted":
            return self.step(StopExecution(event.text("error"), event.text("cause"), at))
        if event.type == "ExecutionTimedOut":
            self._note_expiry(at)
            return self.step(ExpireExecution(at))
        if at is not None and self.expires_at is not None and at > self.expires_at:
            return self.step(ExpireExecution(self._deadline))
        if event.type.endswith("Aborted"):
            return self._fail_around(branch_id, at)
        branch = self.execution.branches.get(branch_id)
        if branch is None:
            branch = self.execution.branches.get(branch_id[:-1]) if event.type == "MapIterationStarted" else None
            if branch is None:
                self.reason = "the computed execution has no such branch at this moment"
                return False
        if event.type == "ExecutionFailed":
            refused = refused_task(branch, event.text("error"), event.text("cause"))
            if refused is not None:
                return self.step(refused)
        return self._move(branch, at, upcoming)

    def _redrive(self, at: int | None) -> bool:
        """The execution goes on: its time is counted anew, and each state begins, as it otherwise does on its entry."""
        if not self.step(Redrive(at)):
            return False
        if self._tolerance is not None:
            self.expires_at = self._deadline + self._tolerance
        for branch in list(self.execution.branches.values()):
            if branch.phase is Phase.WORK and branch.work is None:
                self.step(Proceed(branch.id, at=at))
        for branch in list(self.execution.branches.values()):
            if branch.phase is Phase.FAULT:
                self._begin_retry(branch.id, at, self._ahead.of(branch.id))
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
        return len(ended) <= 1 or not any(self._ahead.is_heard_of(branch) for branch in ended)

    def _move(self, branch: Branch, at: int | None, upcoming: Upcoming) -> bool:
        phase = branch.phase
        if phase is Phase.ASKING:
            return self._answer(branch, at, upcoming)
        if phase is Phase.SLEEPING:
            self._wake(branch, at)
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
            failing.sort(key=self._ahead.when_told)
        return any(self.step(Proceed(found, at=at)) for found in failing)

    def settle(self, event: RecordedEvent, branch_id: BranchId, upcoming: Upcoming) -> None:
        """What happens at the time of `event`, though its own event comes later: a task is answered (so that its limits
        count from now), a Retrier is chosen (so that its delay does)."""
        branch = self.execution.branches.get(branch_id)
        at = self.moment(event)
        if branch is not None and branch.phase is Phase.ASKING and is_scheduled(event.type):
            self._answer(branch, at, upcoming)
        elif branch is not None and branch.phase is Phase.FAULT:
            self._begin_retry(branch_id, at, upcoming)
        if self._alignment.redrives and event.type.endswith(_FAILURES):
            self._begin_waits(at)

    def _begin_retry(self, branch_id: BranchId, at: int | None, upcoming: Upcoming) -> None:
        for place in self._ahead.until_redrive(upcoming):
            follower = self._events[place].type
            if is_scheduled(follower) or follower in _ATTEMPT_STARTS:
                self.step(Proceed(branch_id, at=at))
                return
            if not follower.endswith("Aborted"):
                return

    def at_place(self, place: int) -> None:
        """Note which recorded event the drive has come to."""
        self._ahead.now = place

    # answers

    def _answer(self, branch: Branch, at: int | None, upcoming: Upcoming) -> bool:
        request = branch.request
        assert request is not None
        if request.kind is RequestKind.MAP_RUN:
            return self._answer_map_run(branch, request, at)
        places = self._ahead.until_redrive(upcoming)
        found = answer_in(self._events[place] for place in places if not is_scheduled(self._events[place].type))
        if found is None:
            self.reason = f"the recording does not say how '{branch.state_name}' was answered"
            self.lacks_data = True
            return False
        if found.is_unknown:
            lack = found.event.lack_of("output") if found.event is not None else "was not recorded"
            self.reason = f"the result of '{branch.state_name}' {lack}"
            self.lacks_data = True
            return False
        return self.step(AnswerTask(branch.id, self._timed(found.answer, found.event, branch), at))

    def _timed(self, answer: Answer, event: RecordedEvent | None, branch: Branch) -> Answer:
        """The answer, as long after now as it was recorded: the task's own limits are judged by the engine."""
        done, work = self.moment(event) if event is not None else None, branch.work
        if done is None or not isinstance(work, TaskWork):
            return answer
        seconds = max(0.0, (done - self.execution.clock) / 1000)
        limit = work.timeout_seconds
        if isinstance(answer, TaskSilence):
            return timed_out(answer, work, seconds)
        if limit is not None and limit < seconds <= limit + _SLACK:
            seconds = float(limit)
        return after_seconds(answer, seconds)

    def _answer_map_run(self, branch: Branch, request: TaskRequest, at: int | None) -> bool:
        """A Map Run's result, as far as the history shows it; without Tasks its child executions are run."""
        if self._map_runs is None:
            try:
                self._map_runs = recorded_map_runs(self._alignment.recording.history)
            except (ValueError, RecursionError):
                self._map_runs = {}
        runs = self._map_runs.get(request.state.name, [])
        if request.invocation < len(runs) and not (request.is_optional and not has_tasks(request.state)):
            answer = answer_of(runs[request.invocation], request.state)
            if answer is not None:
                return self.step(AnswerTask(branch.id, answer, at))
        if request.is_optional:
            return self.step(Proceed(branch.id, at=at))
        self.reason = f"the history holds neither the items nor the result of the Map Run of '{branch.state_name}'"
        self.lacks_data = True
        return False

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

    # time

    def _wake(self, branch: Branch, at: int | None) -> None:
        work = branch.work
        if at is None or branch.wake_at is None:
            return
        if isinstance(work, TaskWork) and work.answer is not None:
            limits = limits_of(work, branch.wake_at)
            if limits is not None:
                self.woken.append(Woken(branch, limits[1], at, *limits))
            return
        earliest = latest = branch.wake_at
        delay = retry_delay(branch)
        if delay is not None:
            begun = branch.wake_at - delay.drawn
            if begun == at and self._failed_at is not None:  # the replay takes in the failure only now
                begun = min(begun, self._failed_at)
            # when it is drawn: anything up to the whole delay
            earliest, latest = begun if delay.is_jittered else begun + delay.longest, begun + delay.longest
        else:
            drawn = self.shadows.read(lambda execution: execution.branches[branch.id].wake_at)
            dues = [due for shadow, due in drawn if shadow.nature is Nature.CHANCE and isinstance(due, int)]
            earliest, latest = min((earliest, *dues)), max((latest, *dues))
        self.woken.append(Woken(branch, branch.wake_at, at, earliest, latest))

    @property
    def _deadline(self) -> int:
        """When the time of the execution is over by its definition, in milliseconds since the start."""
        is_express = self.execution.settings.execution_type == "EXPRESS"
        longest = EXPRESS_MAX_SECONDS if is_express else STANDARD_MAX_SECONDS
        begun = self.execution.redriven_at or 0
        return begun + min(longest, self.execution.machine.timeout_seconds or longest) * 1000

    def _note_expiry(self, at: int | None) -> None:
        """The recorded execution ran out of time: whether it does under this definition too is a matter of timing."""
        if at is not None:
            due = self._deadline
            self.woken.append(Woken(self.execution.branches[()], due, at, due, due, is_expiry=True))


def _must_ask(branch: Branch) -> bool:
    return branch.phase is Phase.ASKING and not (branch.request is not None and branch.request.is_optional)


def _below(branch: Branch, container: Branch) -> bool:
    return len(branch.id) > len(container.id) and branch.id[: len(container.id)] == container.id
