"""Playing a recording without computing anything: executions made from the recorded events alone.

This is what there is to see where the definition is not known, cannot be run, or has left the recording: states,
attempts, faults and the data that AWS recorded, but no stage that AWS does not record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.recorded.events import PastEvent
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.events import EventType, utc_text
from sfdebug.engine.execution.execution import Branch, Execution, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.stages import added, in_common
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault, Stage, StageName, StageStatus, Visit, VisitStatus
from sfdebug.history.recording import ENDINGS, FAILURES
from sfdebug.values import MISSING, Json, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State, StatePath
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.settings import Settings
    from sfdebug.engine.program import Program
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit
    from sfdebug.history.recording import RecordedEvent

_RECORDED: Final = Provenance.RECORDED
_STATUSES: Final = {
    "succeeded": VisitStatus.SUCCEEDED,
    "caught": VisitStatus.CAUGHT,
    "failed": VisitStatus.FAILED,
    "aborted": VisitStatus.ABORTED,
    "running": VisitStatus.ABORTED,
}
_WORK: Final = {"Parallel": StageName.BRANCHES, "Map": StageName.ITERATIONS}
"""The stage of the work of a container; that of a Task is Task."""


class UnplayableError(Exception):
    """A recorded event names a state that the machine does not have, or not there."""


class PlayedStep(Struct, frozen=True, gc=False):
    """One instant of a played recording: what a node of the timeline is made from.

    `index` is that in the recording of the event that it comes with, None between two events.
    """

    execution: Execution
    index: int | None
    moved: BranchId
    visit: Visit | None = None
    kept: int = 0
    entered: StatePath | None = None
    arrived: bool = False
    faulted: bool = False
    redriven: bool = False


class _PlayedExecution:
    """The execution that is played, as it stands: its live branches, the visits that are over, the events so far."""

    def __init__(self, alignment: Alignment, program: Program, settings: Settings) -> None:
        self.branches: dict[BranchId, Branch] = {}
        self.events: Log[Event] = Log()
        self.visits: Log[Visit] = Log()
        self._alignment = alignment
        self._program = program
        self._numbers: dict[int, int] = {}
        self._recorded: dict[int, RecordedVisit] = {}
        self._decisive = {alignment.recording.events[fault].id for _, fault in alignment.failures}
        given = cast("Json", alignment.recording.input)
        self.branches[()] = Branch((), (), Phase.READY, program.machine.scope.start_at, given, 0)
        self.last = Execution(
            program, settings, given, ExecutionStatus.RUNNING, 0, dict(self.branches), Log(), Log(), Log()
        )

    def taken(self, index: int) -> int:
        """Take in an event, unless that was done before it turned out that its state is not known; its index."""
        if index >= len(self.events):
            event, branch = self._alignment.recording.events[index], self._alignment.branches[index]
            self.events = self.events.append(PastEvent.of(event, branch, self._alignment.state_at(index)))
        return index

    def frozen(self, moved: BranchId) -> Execution:
        """The execution as it stands after a step of the branch `moved`."""
        last = self.events[-1].time if len(self.events) else 0
        self.last = replace(
            self.last,
            clock=max(self.last.clock, last - self.last.settings.start_time if last else 0),
            branches=dict(self.branches),
            events=self.events,
            visits=self.visits,
            visit_count=len(self._numbers),
            moved=moved,
        )
        return self.last

    # visits

    def enter(self, recorded: RecordedVisit) -> int:
        """The number of a visit that begins."""
        number = self._numbers[recorded.number] = len(self._numbers) + 1
        self._recorded[number] = recorded
        return number

    def open_branch(self, recorded: RecordedVisit) -> tuple[Branch, Visit] | None:
        """The branch that is in a recorded visit, with its own; None when it is in another, or none."""
        branch = self.branches.get(recorded.branch)
        visit = branch.visit if branch is not None else None
        if branch is None or visit is None or visit.number != self._numbers.get(recorded.number):
            return None
        return branch, visit

    def ended_visit(self, recorded: RecordedVisit) -> Visit | None:
        """A recorded visit as it ended last."""
        number = self._numbers.get(recorded.number)
        return next((visit for visit in reversed(self.visits) if visit.number == number), None)

    def close(self, visit: Visit, status: str) -> None:
        """A visit that was not left is over. One that failed was cut short if it waited for a retry."""
        if visit.fault is not None:
            status = "failed" if self._is_decisive(visit) else "aborted"
        self.leave(replace(visit, status=_STATUSES[status]))

    def leave(self, visit: Visit) -> None:
        """A visit is over."""
        self.visits = self.visits.append(visit)

    def _is_decisive(self, visit: Visit) -> bool:
        """Whether the fault of a visit was taken by nobody; else it was cut short while it waited for a retry."""
        recorded = self._recorded.get(visit.number)
        if recorded is None or recorded.type in _WORK:
            return True
        faults = {attempt.ended.id for attempt in recorded.attempts if attempt.ended is not None}
        return not self._decisive.isdisjoint({*faults, recorded.entered.id, recorded.last.id})

    # branches

    def add_branch(self, branch: BranchId, event: RecordedEvent) -> None:
        """A branch begins, with an input that is not known yet."""
        scope, path = self.scope(branch)
        self.branches[branch] = Branch(branch, path, Phase.READY, scope.start_at, cast("Json", MISSING), event.id)

    def drop_below(self, container: BranchId) -> None:
        """The branches of a container are over, all of them."""
        depth = len(container)
        for branch_id in [found for found in self.branches if len(found) > depth and found[:depth] == container]:
            branch = self.branches.pop(branch_id)
            if branch.visit is not None:
                self.close(branch.visit, "aborted")

    def end(self) -> None:
        """The execution is over: what still was under way is cut short."""
        for branch in sorted(self.branches.values(), key=lambda branch: -len(branch.id)):
            if branch.visit is not None and branch.visit.status is not VisitStatus.RUNNING:
                self.leave(branch.visit)
            elif branch.visit is not None:
                self.close(branch.visit, "failed" if branch.visit.state.type == "Fail" else "aborted")
        self.branches.clear()

    # the definition

    def state(self, scope_path: StatePath, name: str) -> State:
        """A state. Raises UnplayableError when it is not known."""
        try:
            return self._program.state(scope_path, name)
        except KeyError:
            raise UnplayableError(name) from None

    def scope(self, branch: BranchId) -> tuple[Scope, StatePath]:
        """The scope that a branch runs, and its path. Raises UnplayableError."""
        scope = self._program.machine.scope
        path: StatePath = ()
        for name, index in branch:
            state = scope.states.get(name)
            number = 0 if state is not None and state.type == "Map" else index
            if state is None or number >= len(state.branches):
                raise UnplayableError(name)
            scope, path = state.branches[number], (*path, name, number)
        return scope, path


class Player:
    """Goes through the recorded events, and makes an execution for each."""

    def __init__(self, alignment: Alignment, program: Program, settings: Settings) -> None:
        self._alignment = alignment
        self._events = alignment.recording.events
        self._played = _PlayedExecution(alignment, program, settings)

    def start(self) -> Execution:
        """The execution before its first state: with ExecutionStarted, when that was recorded."""
        if self._events[0].type == EventType.EXECUTION_STARTED:
            self._played.taken(0)
        return self._played.frozen(())

    def steps(self) -> Iterator[PlayedStep]:
        """What happens after `start`, event by event. Of an event in a state that is not known there is nothing to
        see."""
        for index in range(len(self._played.events), len(self._events)):
            try:
                found = list(self._play(index))
            except UnplayableError:
                found = [self._quiet(index, self._alignment.branches[index])]
            yield from found

    # one event

    def _play(self, index: int) -> Iterator[PlayedStep]:
        event, visit = self._events[index], self._alignment.visit_at(index)
        if event.is_entry and visit is not None:
            yield from self._enter(index, event, visit)
        elif event.type in ENDINGS:
            yield self._end(index, event)
        elif event.type == EventType.EXECUTION_REDRIVEN:
            yield self._redrive(index, event)
        elif visit is not None and event.is_exit:
            yield from self._leave(index, event, visit)
        elif event.type.startswith("MapIteration"):
            yield self._iteration(index, event, self._alignment.branches[index])
        elif visit is not None:
            yield self._inside(index, event, visit)
        else:
            yield self._quiet(index, self._alignment.branches[index])

    def _step(
        self,
        index: int | None,
        branch: BranchId,
        visit: Visit | None = None,
        kept: int = 0,
        *,
        entered: StatePath | None = None,
        arrived: bool = False,
        faulted: bool = False,
    ) -> PlayedStep:
        if index is not None:
            self._played.taken(index)
        return PlayedStep(self._played.frozen(branch), index, branch, visit, kept, entered, arrived, faulted)

    def _enter(self, index: int, event: RecordedEvent, recorded: RecordedVisit) -> Iterator[PlayedStep]:
        branch = self._played.branches.get(recorded.branch)
        if branch is None or branch.phase is not Phase.READY or branch.state_name != recorded.state:
            yield self._make_ready(recorded)
            branch = self._played.branches[recorded.branch]
        state = self._played.state(branch.scope_path, recorded.state)
        given = event.payload("input")
        stages = (Stage(StageName.INPUT, MISSING, given, provenance=_RECORDED),)
        entered = Visit(
            self._played.enter(recorded), recorded.branch, state, cast("Json", given), event.id, event.time or 0,
            stages, variables=branch.variables,
        )  # fmt: skip
        self._played.branches[recorded.branch] = replace(
            branch, phase=Phase.WORK, visit=entered, input=cast("Json", given), previous_event_id=event.id
        )
        yield self._step(index, recorded.branch, entered, entered=(*branch.scope_path, recorded.state))

    def _make_ready(self, recorded: RecordedVisit) -> PlayedStep:
        """Bring a branch to a state whose predecessor's exit, or whose start, was not recorded."""
        scope, path = self._played.scope(recorded.branch)
        if recorded.state not in scope.states:
            raise UnplayableError(recorded.state)
        before = self._played.branches.get(recorded.branch)
        if before is not None and before.visit is not None:
            self._played.close(before.visit, "running")
        self._played.branches[recorded.branch] = Branch(
            recorded.branch, path, Phase.READY, recorded.state, cast("Json", recorded.input),
            recorded.entered.previous_event_id,
        )  # fmt: skip
        return self._step(None, recorded.branch, arrived=True)

    def _inside(self, index: int, event: RecordedEvent, recorded: RecordedVisit) -> PlayedStep:
        """An event of a visit: an attempt begins or ends, or something that adds no stage."""
        found = self._played.open_branch(recorded)
        if found is None:  # also of a state that is not known: the branch is in another
            return self._quiet(index, recorded.branch)
        branch, old = found
        visit, fault, phase = old, None, branch.phase
        attempt = next((a for a in recorded.attempts if event in (a.began, a.ended)), None)
        if attempt is not None and event is attempt.began:
            self._played.drop_below(recorded.branch)
            visit = replace(visit, stages=added(visit.stages, *_begun(recorded, attempt)), attempt=attempt.number)
            phase = Phase.CHILDREN if recorded.type in _WORK else Phase.ASKING
        elif (attempt is not None and event is attempt.ended) or event.type == EventType.EVALUATION_FAILED:
            self._played.drop_below(recorded.branch)
            stage = _ended(recorded, attempt, event)
            fault, phase = stage.fault, Phase.FAULT if stage.fault else Phase.EXIT
            waiting = 1 if visit.stages[-1].status is StageStatus.WAITING else 0
            visit = replace(visit, stages=added(visit.stages, stage, instead=waiting), fault=fault)
        self._played.branches[recorded.branch] = replace(branch, visit=visit, phase=phase, previous_event_id=event.id)
        if event.type == EventType.PARALLEL_STATE_STARTED and visit.state.type == "Parallel":
            for number in range(len(visit.state.branches)):
                self._played.add_branch((*recorded.branch, (visit.state.name, number)), event)
        kept = in_common(old.stages, visit.stages)
        return self._step(index, recorded.branch, visit, kept, faulted=fault is not None)

    def _iteration(self, index: int, event: RecordedEvent, branch: BranchId) -> PlayedStep:
        if event.type == EventType.MAP_ITERATION_STARTED:
            self._played.add_branch(branch, event)
            return self._step(index, branch, arrived=True)
        over = self._played.branches.pop(branch, None)
        if over is not None and over.visit is not None:
            self._played.close(over.visit, "failed" if event.type.endswith("Failed") else "aborted")
        return self._quiet(index, branch[:-1])

    def _quiet(self, index: int, branch_id: BranchId) -> PlayedStep:
        """An event of which there is nothing to see."""
        branch = self._played.branches.get(branch_id)
        visit = branch.visit if branch is not None else None
        return self._step(index, branch_id, visit, len(visit.stages) if visit else 0)

    def _leave(self, index: int, event: RecordedEvent, recorded: RecordedVisit) -> Iterator[PlayedStep]:
        found = self._played.open_branch(recorded)
        if found is None:
            yield self._quiet(index, recorded.branch)
            return
        branch, old = found
        self._played.drop_below(recorded.branch)
        given = event.payload("output")
        assigned = {name: value for name, value in event.variables.items() if is_present(value)}
        stages = []
        if assigned:
            before = {name: branch.variables[name] for name in assigned if name in branch.variables}
            stages.append(Stage(StageName.ASSIGN, before or MISSING, assigned, provenance=_RECORDED))
        stages.append(Stage(StageName.OUTPUT, MISSING, given, provenance=_RECORDED))
        following = self._alignment.next_visits.get(recorded.number)
        visit = replace(
            old, stages=added(old.stages, *stages), status=_STATUSES[recorded.status], output=given,
            next=following.state if following is not None else None, assigned=assigned or None,
        )  # fmt: skip
        branches = self._played.branches
        branches[recorded.branch] = replace(branch, visit=visit, phase=Phase.EXIT, previous_event_id=event.id)
        yield self._step(index, recorded.branch, visit, len(old.stages))
        if following is not None and following.state in self._played.scope(recorded.branch)[0].states:
            self._played.leave(visit)
            branches[recorded.branch] = Branch(
                recorded.branch, branch.scope_path, Phase.READY, following.state, cast("Json", given), event.id,
                variables={**branch.variables, **assigned},
            )  # fmt: skip
            yield self._step(None, recorded.branch, arrived=True)
        elif recorded.branch:
            self._played.leave(visit)
            del branches[recorded.branch]
            yield self._step(None, recorded.branch)

    def _end(self, index: int, event: RecordedEvent) -> PlayedStep:
        self._played.end()
        self._played.taken(index)
        execution = self._played.last = replace(
            self._played.frozen(()),
            status=ENDINGS[event.type],
            output=event.payload("output"),
            fault=Fault(event.text("error"), event.text("cause")) if "error" in event.details else None,
        )
        return PlayedStep(execution, index, ())

    def _redrive(self, index: int, event: RecordedEvent) -> PlayedStep:
        """The execution goes on: with the visits that were not left, as they stood when it ended."""
        played, last = self._played, self._played.last
        count = event.details.get("redriveCount")
        detail: dict[str, Json] = {"RedriveCount": count if isinstance(count, int) else last.redrive_count + 1}
        if event.time is not None:
            detail["RedriveTime"] = utc_text(event.time)
        for recorded in self._alignment.visits:
            visit = played.ended_visit(recorded) if event.id in recorded.redriven else None
            if visit is not None:
                self._resume(recorded, visit, detail, recorded.redriven.index(event.id) + 1)
        played.last = replace(
            last, status=ExecutionStatus.RUNNING, output=MISSING, fault=None, redrive_count=last.redrive_count + 1
        )
        played.taken(index)
        moved = min((branch.id for branch in played.branches.values() if branch.phase is Phase.WORK), default=())
        branch = played.branches.get(moved)
        visit = branch.visit if branch is not None else None
        kept = len(visit.stages) - 1 if visit is not None else 0
        return PlayedStep(played.frozen(moved), index, moved, visit, kept, redriven=True)

    def _resume(self, recorded: RecordedVisit, visit: Visit, detail: dict[str, Json], run: int) -> None:
        """A visit goes on with the redrive that has the number `run` among its own."""
        _, path = self._played.scope(recorded.branch)
        stages = [*visit.stages, Stage(StageName.REDRIVE, visit.input, visit.input, detail, provenance=_RECORDED)]
        under_way = [stage for stage in visit.stages if stage.name in _WORK.values()]
        if under_way:
            stages.append(replace(under_way[-1], after=MISSING, status=StageStatus.WAITING, fault=None))
        before = sum(attempt.redrives < run for attempt in recorded.attempts)
        attempt = visit.attempt if under_way else before + 1
        running = replace(
            visit, stages=tuple(stages), status=VisitStatus.RUNNING, fault=None, attempt=attempt,
            redriven_after=attempt - 1,
        )  # fmt: skip
        self._played.branches[recorded.branch] = Branch(
            recorded.branch, path, Phase.CHILDREN if under_way else Phase.WORK, recorded.state, visit.input,
            recorded.entered.id, running, variables=visit.variables,
        )  # fmt: skip


# the stages of attempts


def _number_in_run(visit: RecordedVisit, attempt: Attempt) -> int:
    """Which attempt it is, counted anew after a redrive."""
    return attempt.number - sum(one.redrives < attempt.redrives for one in visit.attempts)


def _begun(visit: RecordedVisit, attempt: Attempt) -> list[Stage]:
    """The stages with which an attempt begins; before another one than the first of a run, that of its Retry."""
    stages: list[Stage] = []
    number = _number_in_run(visit, attempt)
    if attempt.number > 1 and attempt.redrives == visit.attempts[attempt.number - 2].redrives:
        before = visit.attempts[attempt.number - 2]
        fault = Fault(before.error, before.cause)
        stages.append(
            Stage(
                StageName.RETRY, fault.output, MISSING, status=StageStatus.MATCHED, attempt=number - 1,
                provenance=_RECORDED, fault=fault,
            )
        )  # fmt: skip
    stages.append(
        Stage(
            _WORK.get(visit.type, StageName.TASK), attempt.input, MISSING, attempt.began.text("resource") or MISSING,
            StageStatus.WAITING, attempt=number, provenance=_RECORDED,
        )
    )  # fmt: skip
    return stages


def _ended(visit: RecordedVisit, attempt: Attempt | None, event: RecordedEvent) -> Stage:
    """The stage of an attempt that has ended, or of what failed outside of any."""
    name = _WORK.get(visit.type, StageName.TASK) if attempt is not None else StageName.ERROR
    has_failed = event.type.endswith(FAILURES) or attempt is None
    error = event.text("error") or (attempt.error if attempt is not None else None)
    return Stage(
        name,
        attempt.input if attempt is not None else MISSING,
        MISSING if has_failed else event.payload("output"),
        attempt.began.text("resource") or MISSING if attempt is not None else MISSING,
        StageStatus.FAILED if has_failed else StageStatus.DONE,
        attempt=_number_in_run(visit, attempt) if attempt is not None else 1,
        provenance=_RECORDED,
        fault=Fault(error, event.text("cause")) if has_failed else None,
    )
