"""Playing a recording without computing anything: executions made from the recorded events alone.

This is what there is to see where the definition is not known, cannot be run, or has left the recording: states,
attempts, faults and the data that AWS recorded, but no stage that AWS does not record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, cast

from sfdebug.debugger.recorded.events import PastEvent
from sfdebug.debugger.recorded.stages import WORK, assigned_in, begun, ended
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.events import utc_text
from sfdebug.engine.execution.execution import Branch, Execution, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.stages import added, in_common
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault, Stage, StageName, StageStatus, Visit, VisitStatus
from sfdebug.history.recording import ENDINGS
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State, StatePath
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.settings import Settings
    from sfdebug.engine.program import Program
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import RecordedEvent

_RECORDED: Final = Provenance.RECORDED
_STATUSES: Final = {
    "succeeded": VisitStatus.SUCCEEDED,
    "caught": VisitStatus.CAUGHT,
    "failed": VisitStatus.FAILED,
    "aborted": VisitStatus.ABORTED,
    "running": VisitStatus.ABORTED,
}


class UnplayableError(Exception):
    """A recorded event names a state that the machine does not have, or not there."""


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """One instant of a played recording: what a node of the timeline is made from.

    `place` is the place in the recording of the event that it comes with, None between two events.
    """

    execution: Execution
    place: int | None
    moved: BranchId
    visit: Visit | None = None
    kept: int = 0
    entered: StatePath | None = None
    arrived: bool = False
    faulted: bool = False
    redriven: bool = False


class Player:
    """Goes through the recorded events, and makes an execution for each."""

    def __init__(self, alignment: Alignment, program: Program, settings: Settings) -> None:
        self._alignment = alignment
        self._program = program
        self._events = alignment.recording.events
        self._branches: dict[BranchId, Branch] = {}
        self._visits: Log[Visit] = Log()
        self._log: Log[Event] = Log()
        self._count = 0
        self._next = _followers(alignment)
        self._numbers: dict[int, int] = {}
        self._recorded: dict[int, RecordedVisit] = {}
        self._decisive = {self._events[fault].id for _, fault in alignment.failures}
        first = program.machine.scope.start_at
        given = cast("Json", alignment.recording.input)
        self._branches[()] = Branch((), (), Phase.READY, first, given, 0)
        self._last = Execution(
            program, settings, given, ExecutionStatus.RUNNING, 0, dict(self._branches), Log(), Log(), Log()
        )

    def start(self) -> Execution:
        """The execution before its first state: with ExecutionStarted, when that was recorded."""
        if self._events[0].type == "ExecutionStarted":
            self._take(0)
        return self._frozen(())

    def moments(self) -> Iterator[PlayedStep]:
        """What happens after `start`, event by event. Of an event in a state that is not known there is nothing to
        see."""
        first = len(self._log)
        for place in range(first, len(self._events)):
            try:
                found = list(self._play(place))
            except UnplayableError:
                found = [self._quiet(place, self._alignment.branches[place])]
            yield from found

    # one event

    def _play(self, place: int) -> Iterator[PlayedStep]:
        event, branch = self._events[place], self._alignment.branches[place]
        at = self._alignment.visit_of[place]
        visit = self._alignment.visits[at] if at is not None else None
        if event.is_entry and visit is not None:
            yield from self._enter(place, event, visit)
        elif event.type in ENDINGS:
            yield self._end(place, event)
        elif event.type == "ExecutionRedriven":
            yield self._redrive(place, event)
        elif visit is not None and event.is_exit:
            yield from self._leave(place, event, visit)
        elif event.type.startswith("MapIteration"):
            yield self._iteration(place, event, branch)
        elif visit is not None:
            yield self._inside(place, event, visit)
        else:
            yield self._quiet(place, branch)

    def _enter(self, place: int, event: RecordedEvent, visit: RecordedVisit) -> Iterator[PlayedStep]:
        branch = self._branches.get(visit.branch)
        if branch is None or branch.phase is not Phase.READY or branch.state_name != visit.state:
            yield self._make_ready(visit)
            branch = self._branches[visit.branch]
        state = self._state(branch.scope_path, visit.state)
        self._count += 1
        self._numbers[visit.number] = self._count
        self._recorded[self._count] = visit
        given = event.payload("input")
        stages = (Stage(StageName.INPUT, MISSING, given, provenance=_RECORDED),)
        entered = Visit(
            self._count, visit.branch, state, cast("Json", given), event.id, event.time or 0, stages,
            variables=branch.variables,
        )  # fmt: skip
        self._branches[visit.branch] = replace(
            branch, phase=Phase.WORK, visit=entered, input=cast("Json", given), previous_event_id=event.id
        )
        self._take(place)
        yield PlayedStep(self._frozen(visit.branch), place, visit.branch, entered, 0, (*branch.scope_path, visit.state))

    def _make_ready(self, visit: RecordedVisit) -> PlayedStep:
        """Bring a branch to a state whose predecessor's exit, or whose start, was not recorded."""
        scope, path = self._scope(visit.branch)
        if visit.state not in scope.states:
            raise UnplayableError(visit.state)
        before = self._branches.get(visit.branch)
        if before is not None and before.visit is not None:
            self._close(before.visit, "running")
        self._branches[visit.branch] = Branch(
            visit.branch, path, Phase.READY, visit.state, cast("Json", visit.input), visit.entered.previous_event_id
        )
        return PlayedStep(self._frozen(visit.branch), None, visit.branch, arrived=True)

    def _inside(self, place: int, event: RecordedEvent, recorded: RecordedVisit) -> PlayedStep:
        """An event of a visit: an attempt begins or ends, or something that adds no stage."""
        branch = self._branches.get(recorded.branch)
        if branch is None or branch.visit is None or branch.visit.number != self._numbers.get(recorded.number):
            return self._quiet(place, recorded.branch)  # also of a state that is not known: the branch is in another
        visit, fault, phase = branch.visit, None, branch.phase
        attempt = next((a for a in recorded.attempts if event in (a.began, a.ended)), None)
        if attempt is not None and event is attempt.began:
            self._drop_below(recorded.branch)
            visit = replace(visit, stages=added(visit.stages, *begun(recorded, attempt)), attempt=attempt.number)
            phase = Phase.CHILDREN if recorded.type in WORK else Phase.ASKING
        elif (attempt is not None and event is attempt.ended) or event.type == "EvaluationFailed":
            self._drop_below(recorded.branch)
            stage = ended(recorded, attempt, event)
            fault, phase = stage.fault, Phase.FAULT if stage.fault else Phase.EXIT
            waiting = 1 if visit.stages[-1].status is StageStatus.WAITING else 0
            visit = replace(visit, stages=added(visit.stages, stage, instead=waiting), fault=fault)
        old = branch.visit
        self._branches[recorded.branch] = replace(branch, visit=visit, phase=phase, previous_event_id=event.id)
        if event.type == "ParallelStateStarted" or (event.type == "MapStateStarted" and attempt is not None):
            self._start_branches(visit.state, recorded.branch, event)
        self._take(place)
        kept_count = in_common(old.stages, visit.stages)
        return PlayedStep(
            self._frozen(recorded.branch), place, recorded.branch, visit, kept_count, faulted=fault is not None
        )

    def _start_branches(self, state: State, container: BranchId, event: RecordedEvent) -> None:
        if state.type != "Parallel":
            return
        for index in range(len(state.branches)):
            self._add_branch((*container, (state.name, index)), event)

    def _add_branch(self, branch: BranchId, event: RecordedEvent) -> None:
        scope, path = self._scope(branch)
        self._branches[branch] = Branch(branch, path, Phase.READY, scope.start_at, cast("Json", MISSING), event.id)

    def _iteration(self, place: int, event: RecordedEvent, branch: BranchId) -> PlayedStep:
        if event.type == "MapIterationStarted":
            self._add_branch(branch, event)
            self._take(place)
            return PlayedStep(self._frozen(branch), place, branch, arrived=True)
        ended = self._branches.pop(branch, None)
        if ended is not None and ended.visit is not None:
            self._close(ended.visit, "failed" if event.type.endswith("Failed") else "aborted")
        return self._quiet(place, branch[:-1])

    def _quiet(self, place: int, branch_id: BranchId) -> PlayedStep:
        """An event of which there is nothing to see."""
        self._take(place)
        branch = self._branches.get(branch_id)
        visit = branch.visit if branch is not None else None
        return PlayedStep(self._frozen(branch_id), place, branch_id, visit, len(visit.stages) if visit else 0)

    def _leave(self, place: int, event: RecordedEvent, recorded: RecordedVisit) -> Iterator[PlayedStep]:
        branch = self._branches.get(recorded.branch)
        if branch is None or branch.visit is None or branch.visit.number != self._numbers.get(recorded.number):
            yield self._quiet(place, recorded.branch)
            return
        self._drop_below(recorded.branch)
        given = event.payload("output")
        assigned = assigned_in(event)
        stages = []
        if assigned:
            before = {name: branch.variables[name] for name in assigned if name in branch.variables}
            stages.append(Stage(StageName.ASSIGN, before or MISSING, assigned, provenance=_RECORDED))
        stages.append(Stage(StageName.OUTPUT, MISSING, given, provenance=_RECORDED))
        follower = self._next.get(recorded.number)
        visit = replace(
            branch.visit, stages=added(branch.visit.stages, *stages), status=_STATUSES[recorded.status], output=given,
            next=follower.state if follower is not None else None, assigned=assigned or None,
        )  # fmt: skip
        kept = len(branch.visit.stages)
        self._branches[recorded.branch] = replace(branch, visit=visit, phase=Phase.EXIT, previous_event_id=event.id)
        self._take(place)
        yield PlayedStep(self._frozen(recorded.branch), place, recorded.branch, visit, kept)
        if follower is not None and follower.state in self._scope(recorded.branch)[0].states:
            self._visits = self._visits.append(visit)
            self._branches[recorded.branch] = Branch(
                recorded.branch, branch.scope_path, Phase.READY, follower.state, cast("Json", given), event.id,
                variables={**branch.variables, **assigned},
            )  # fmt: skip
            yield PlayedStep(self._frozen(recorded.branch), None, recorded.branch, arrived=True)
        elif recorded.branch:
            self._visits = self._visits.append(visit)
            del self._branches[recorded.branch]
            yield PlayedStep(self._frozen(recorded.branch), None, recorded.branch)

    def _end(self, place: int, event: RecordedEvent) -> PlayedStep:
        """The execution is over: what still was under way is cut short."""
        for branch in sorted(self._branches.values(), key=lambda branch: -len(branch.id)):
            if branch.visit is not None:
                is_left = branch.visit.status is not VisitStatus.RUNNING
                self._visits = self._visits.append(branch.visit) if is_left else self._closed(branch.visit)
        self._branches.clear()
        self._take(place)
        execution = replace(
            self._frozen(()),
            status=ENDINGS[event.type],
            output=event.payload("output"),
            fault=Fault(event.text("error"), event.text("cause")) if "error" in event.details else None,
        )
        self._last = execution
        return PlayedStep(execution, place, ())

    def _redrive(self, place: int, event: RecordedEvent) -> PlayedStep:
        """The execution goes on: with the visits that were not left, as they stood when it ended."""
        count = event.details.get("redriveCount")
        told: dict[str, Json] = {"RedriveCount": count if isinstance(count, int) else self._last.redrive_count + 1}
        if event.time is not None:
            told["RedriveTime"] = utc_text(event.time)
        for recorded in self._alignment.visits:
            visit = self._ended_visit(recorded) if event.id in recorded.redriven else None
            if visit is None:
                continue
            _, path = self._scope(recorded.branch)
            stages = [*visit.stages, Stage(StageName.REDRIVE, visit.input, visit.input, told, provenance=_RECORDED)]
            under_way = [stage for stage in visit.stages if stage.name in WORK.values()]
            if under_way:
                stages.append(replace(under_way[-1], after=MISSING, status=StageStatus.WAITING, fault=None))
            run = recorded.redriven.index(event.id) + 1
            before = sum(attempt.redrives < run for attempt in recorded.attempts)
            attempt = visit.attempt if under_way else before + 1
            running = replace(
                visit, stages=tuple(stages), status=VisitStatus.RUNNING, fault=None, attempt=attempt,
                redriven_after=attempt - 1,
            )  # fmt: skip
            self._branches[recorded.branch] = Branch(
                recorded.branch, path, Phase.CHILDREN if under_way else Phase.WORK, recorded.state, visit.input,
                recorded.entered.id, running, variables=visit.variables,
            )  # fmt: skip
        self._last = replace(
            self._last, status=ExecutionStatus.RUNNING, output=MISSING, fault=None,
            redrive_count=self._last.redrive_count + 1,
        )  # fmt: skip
        self._take(place)
        moved = min((branch.id for branch in self._branches.values() if branch.phase is Phase.WORK), default=())
        branch = self._branches.get(moved)
        visit = branch.visit if branch is not None else None
        kept = len(visit.stages) - 1 if visit is not None else 0
        return PlayedStep(self._frozen(moved), place, moved, visit, kept, redriven=True)

    def _ended_visit(self, recorded: RecordedVisit) -> Visit | None:
        number = self._numbers.get(recorded.number)
        return next((visit for visit in reversed(self._visits) if visit.number == number), None)

    # helpers

    def _closed(self, visit: Visit) -> Log[Visit]:
        self._close(visit, "failed" if visit.fault is not None or visit.state.type == "Fail" else "aborted")
        return self._visits

    def _close(self, visit: Visit, status: str) -> None:
        if visit.fault is not None:
            status = "failed" if self._is_decisive(visit) else "aborted"
        self._visits = self._visits.append(replace(visit, status=_STATUSES[status]))

    def _is_decisive(self, visit: Visit) -> bool:
        """Whether the fault of a visit was taken by nobody; else it was cut short while it waited for a retry."""
        recorded = self._recorded.get(visit.number)
        if recorded is None or recorded.type in WORK:
            return True
        faults = {attempt.ended.id for attempt in recorded.attempts if attempt.ended is not None}
        return not self._decisive.isdisjoint({*faults, recorded.entered.id, recorded.last.id})

    def _drop_below(self, container: BranchId) -> None:
        """The branches of a container are over, all of them."""
        depth = len(container)
        for branch_id in [found for found in self._branches if len(found) > depth and found[:depth] == container]:
            branch = self._branches.pop(branch_id)
            if branch.visit is not None:
                self._close(branch.visit, "aborted")

    def _take(self, place: int) -> None:
        if place < len(self._log):
            return  # taken in before it turned out that its state is not known
        event, branch = self._events[place], self._alignment.branches[place]
        at = self._alignment.visit_of[place]
        state = self._alignment.visits[at].state if at is not None else event.name
        self._log = self._log.append(PastEvent.of(event, branch, state))

    def _frozen(self, moved: BranchId) -> Execution:
        last = self._log[-1].time if len(self._log) else 0
        self._last = replace(
            self._last,
            clock=max(self._last.clock, last - self._last.settings.start_time if last else 0),
            branches=dict(self._branches),
            events=self._log,
            visits=self._visits,
            visit_count=self._count,
            moved=moved,
        )
        return self._last

    def _state(self, scope_path: StatePath, name: str) -> State:
        try:
            return self._program.state(scope_path, name)
        except KeyError:
            raise UnplayableError(name) from None

    def _scope(self, branch: BranchId) -> tuple[Scope, StatePath]:
        """The scope that a branch runs, and its path."""
        scope = self._program.machine.scope
        path: StatePath = ()
        for name, index in branch:
            state = scope.states.get(name)
            place = 0 if state is not None and state.type == "Map" else index
            if state is None or place >= len(state.branches):
                raise UnplayableError(name)
            scope, path = state.branches[place], (*path, name, place)
        return scope, path


def _followers(alignment: Alignment) -> Mapping[int, RecordedVisit]:
    """For each visit that was left, by its number: the next one of its branch."""
    by_run: dict[tuple[BranchId, int | None], list[RecordedVisit]] = defaultdict(list)
    for visit in alignment.visits:
        by_run[visit.branch, visit.container].append(visit)
    return {
        left.number: right for visits in by_run.values() for left, right in pairwise(visits) if left.exited is not None
    }
