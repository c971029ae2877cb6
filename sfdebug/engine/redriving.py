"""Redriving: an execution that ended without success goes on from the states that were not left.

Source: AWS docs, "Restarting state machine executions with redrive in Step Functions" and "Redriving Map Runs". Events,
their ids and the Context object are as measured on AWS by others (github.com/radkawar/stackd, the recorded executions
under testdata/aws/stepfunctions): nothing is entered again. A state's next event follows its entry, and that of a Fail
the ExecutionRedriven; a Map Run's MapRunRedriven follows the MapStateStarted.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.children import ChildExecution, root_identity
from sfdebug.engine.execution.events import NOT_TRUNCATED, Event, EventType, utc_text
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import RequestKind, Stage, StageName, StageStatus, TaskRequest, VisitStatus
from sfdebug.engine.execution.work import MapRunWork, MapWork, ParallelWork, PreparedWork
from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED
from sfdebug.errors import DecisionError
from sfdebug.limits import MAX_REDRIVE_WAIT_SECONDS, ExecutionType
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.engine.execution.decisions import BranchId, Redrive
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.values import Json

_WORK_STAGES: Final = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)
_REDRIVABLE: Final = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED)
_EVENTS_NEEDED: Final = 2
"""AWS API, RedriveExecution: there must be room for ExecutionRedriven and at least one more event."""


def redrive(execution: Execution, decision: Redrive) -> Execution:
    """The execution after it was redriven. Raises DecisionError when AWS would not do that (AWS API,
    RedriveExecution)."""
    at = execution.moment(decision.at)
    _check(execution, at)
    resuming = _Resuming(execution, at)
    resuming.resume()
    return replace(
        execution,
        status=ExecutionStatus.RUNNING,
        clock=at,
        branches=resuming.branches,
        events=execution.events.append(*resuming.events),
        decisions=execution.decisions.append(decision),
        turn=execution.turn + 1,
        invocations=resuming.invocations,
        children=resuming.children,
        ended_children=resuming.ended_children,
        output=MISSING,
        fault=None,
        moved=(),
        unfinished=Log(),
        redrive_count=resuming.count,
        redriven_at=at,
    )


def _check(execution: Execution, at: int) -> None:
    status, settings = execution.status, execution.settings
    if status not in _REDRIVABLE:
        raise DecisionError(f"the execution is {status} and cannot be redriven")
    if settings.execution_type != ExecutionType.STANDARD:
        raise DecisionError("an Express execution cannot be redriven", fix="start it again")
    if len(execution.events) > settings.max_history_events - _EVENTS_NEEDED:
        raise DecisionError("the history is full: the execution cannot be redriven", fix="start it again")
    if at - execution.clock > MAX_REDRIVE_WAIT_SECONDS * 1000:
        raise DecisionError("the execution ended more than 14 days before: it cannot be redriven any more")


class _Resuming:
    """Gathers what a redrive changes."""

    def __init__(self, execution: Execution, at: int) -> None:
        self._execution = execution
        self._at = at
        self._time = execution.settings.start_time + at
        self.count = execution.redrive_count + 1
        self.branches: dict[BranchId, Branch] = {}
        self.invocations: dict[StatePath, int] = dict(execution.invocations)
        self.children: dict[BranchId, ChildExecution] = {}
        self._ended = {child.id: child for child in execution.ended_children}
        self._kept = {branch.id: branch for branch in execution.unfinished}
        self.events = [self._redriven(len(execution.events), (), self.count)]

    @property
    def ended_children(self) -> Log[ChildExecution]:
        """The child executions that stay over."""
        running = {child.arn for child in self.children.values()}
        ended = self._execution.ended_children
        return Log(child for child in ended if child.arn not in running) if running else ended

    def resume(self) -> None:
        """Take up every branch whose container goes on with its branches, from the outside in."""
        going_on: set[BranchId] = set()
        for branch_id in sorted(self._kept, key=lambda found: (len(found), found)):
            if branch_id and branch_id[:-1] not in going_on:
                continue
            kept = self._kept[branch_id]
            if branch_id and branch_id == kept.child_id:
                restarted = self._child(kept)
                if restarted is None:
                    continue
                kept = restarted
            self.branches[branch_id], with_children = self._resumed(kept)
            if with_children:
                going_on.add(branch_id)

    # one branch

    def _resumed(self, kept: Branch) -> tuple[Branch, bool]:
        """A branch as it goes on, and whether the branches below it do."""
        turn = self._execution.turn
        fresh = replace(kept, turn=turn, wake_at=None, request=None, child_fault=None, work=None, halted=None)
        visit = kept.visit
        if visit is None:
            return replace(fresh, phase=Phase.READY), False
        work = kept.halted or kept.work
        is_fail = visit.state.type is StateType.FAIL and kept.id == kept.child_id  # inside a branch it is not known
        follows = self._redriven_id(kept.child_id) if is_fail else visit.entered_event_id
        if visit.fault is not None and visit.fault.error == DATA_LIMIT_EXCEEDED:
            work = None  # AWS docs: after States.DataLimitExceeded the whole state is run again
        if isinstance(work, MapRunWork) or (isinstance(work, PreparedWork) and work.arn):
            return self._map_run(fresh, kept, visit, work)
        if isinstance(work, MapWork | ParallelWork):
            again = self._again(visit, is_same_attempt=True)
            return replace(fresh, phase=Phase.CHILDREN, visit=again, work=work), True
        again = self._again(visit, is_same_attempt=False)
        return replace(fresh, phase=Phase.WORK, visit=again, previous_event_id=follows), False

    def _again(self, visit: Visit, *, is_same_attempt: bool) -> Visit:
        """A visit that goes on. Its Retriers start from nothing; its attempts are counted on."""
        last = visit.attempt - visit.redriven_after
        of_this_run = takewhile(lambda stage: stage.name is not StageName.REDRIVE, reversed(visit.stages))
        begun = any(stage.name in _WORK_STAGES and stage.attempt == last for stage in of_this_run)
        attempt = visit.attempt + (1 if begun and not is_same_attempt else 0)
        written: dict[str, Json] = {"RedriveCount": self.count, "RedriveTime": utc_text(self._time)}
        stages = [*visit.stages, Stage(StageName.REDRIVE, visit.input, visit.input, written)]
        if is_same_attempt:
            under_way = next((stage for stage in reversed(visit.stages) if stage.name in _WORK_STAGES), None)
            if under_way is not None:
                stages.append(Stage(under_way.name, under_way.before, MISSING, status=StageStatus.WAITING))
        return replace(
            visit,
            stages=tuple(stages),
            status=VisitStatus.RUNNING,
            attempt=attempt,
            retrier_counts=(0,) * len(visit.retrier_counts),
            output=MISSING,
            next=None,
            fault=None,
            assigned=None,
            redriven_after=attempt - 1,
        )

    # Map Runs

    def _map_run(
        self, fresh: Branch, kept: Branch, visit: Visit, work: MapRunWork | PreparedWork
    ) -> tuple[Branch, bool]:
        """The same Map Run goes on: with the children that did not succeed, or, where it has none, by asking again."""
        redrives = work.redrives + 1
        details: dict[str, Json] = {"mapRunArn": work.arn, "redriveCount": redrives}
        started = self._started_event(kept)
        event_id = self._emit(kept, EventType.MAP_RUN_REDRIVEN, started, details)
        again = self._again(visit, is_same_attempt=True)
        branch = replace(fresh, visit=again, previous_event_id=event_id)
        if isinstance(work, MapRunWork):
            cleared = replace(work, failed_children=Log(), failed=0, redrives=redrives)
            return replace(branch, phase=Phase.CHILDREN, work=cleared), True
        asking = replace(work, answer=None, redrives=redrives)
        request = self._question(kept, again, asking, event_id)
        return replace(branch, phase=Phase.ASKING, work=asking, request=request), False

    def _question(self, kept: Branch, visit: Visit, work: PreparedWork, event_id: int) -> TaskRequest:
        path = visit.state.path
        before = self.invocations.get(path, 0)
        self.invocations[path] = before + 1
        child, execution = self.children.get(kept.child_id), self._execution
        identity = child.identity if child is not None else root_identity(execution.settings, execution.input)
        return TaskRequest(
            branch=kept.id,
            state=visit.state,
            input=work.input,
            attempt=visit.attempt,
            invocation=before,
            scheduled_event_id=event_id,
            kind=RequestKind.MAP_RUN,
            is_optional="ItemReader" not in visit.state.fields,
            nested_in=execution.settings.nested_in,
            execution_arn=identity.arn,
            state_machine_arn=identity.state_machine_arn,
            started_by=execution.settings.started_by,
        )

    def _child(self, kept: Branch) -> Branch | None:
        """A child execution of a Map Run that goes on, with its branch; None when it is not of that run.

        Measured on AWS by others: a Standard one goes on where it stopped; an Express one runs anew under its old name,
        and its Context object has a RedriveCount but no RedriveTime.
        """
        container = self.branches[kept.id[:-1]]
        child = self._ended.get(kept.id)
        if not isinstance(container.work, MapRunWork) or child is None or child.map_run_arn != container.work.arn:
            return None
        assert container.visit is not None
        count = child.identity.redrive_count + 1
        running = replace(child, status=ExecutionStatus.RUNNING, ended_at=None, output=MISSING, fault=None)
        if child.execution_type == ExecutionType.STANDARD:
            identity = replace(child.identity, redrive_count=count, redrive_time=self._time)
            event = self._redriven(len(child.events), child.id, count)
            self.children[kept.id] = replace(running, identity=identity, events=child.events.append(event))
            return kept
        identity = replace(child.identity, start_time=self._time, redrive_count=count)
        role = self._execution.settings.role_arn
        details: dict[str, Json] = {"input": child.input, "inputDetails": NOT_TRUNCATED, "roleArn": role}
        started = Event(1, 0, EventType.EXECUTION_STARTED, self._time, child.id, "", details)
        self.children[kept.id] = replace(running, identity=identity, events=Log((started,)))
        start_at = container.visit.state.branches[0].start_at
        return replace(
            kept, visit=None, state_name=start_at, input=child.input, previous_event_id=0, variables={}, map_item=None
        )

    # events

    def _redriven(self, last: int, branch: BranchId, count: int) -> Event:
        details: dict[str, Json] = {"redriveCount": count}
        return Event(last + 1, last, EventType.EXECUTION_REDRIVEN, self._time, branch, "", details)

    def _redriven_id(self, child_id: BranchId) -> int:
        return len(self.children[child_id].events) if child_id else self.events[0].id

    def _started_event(self, kept: Branch) -> int:
        """The MapStateStarted that the Map Run followed."""
        events = self.children[kept.child_id].events if kept.child_id else self._execution.events
        for event in reversed(events):
            if event.type in (EventType.MAP_RUN_STARTED, EventType.MAP_RUN_REDRIVEN) and event.branch == kept.id:
                return event.previous_event_id
        return kept.previous_event_id

    def _emit(self, kept: Branch, event_type: EventType, previous: int, details: dict[str, Json]) -> int:
        child = self.children.get(kept.child_id) if kept.child_id else None
        before = len(child.events) if child is not None else len(self._execution.events) + len(self.events)
        event = Event(before + 1, previous, event_type, self._time, kept.id, kept.state_name, details)
        if child is not None:
            self.children[kept.child_id] = replace(child, events=child.events.append(event))
        else:
            self.events.append(event)
        return event.id
