"""One visit to the state under test, run by the engine up to where it ends or would wait for a retry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateMachine, StateType
from sfdebug.engine import Execution, ExecutionStatus, Settings, readiness, start, step
from sfdebug.engine.execution.decisions import (
    Answer,
    AnswerTask,
    Dataset,
    InjectFailure,
    Provenance,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.visit import RequestKind, Stage, StageName, StageStatus, VisitStatus
from sfdebug.engine.execution.work import MapRunWork, PreparedWork, Tolerance
from sfdebug.engine.faults import THRESHOLD_EXCEEDED
from sfdebug.errors import UnansweredTaskError
from sfdebug.limits import ExecutionType
from sfdebug.state_testing.mocks import check_failure_count, mocked_result, threshold_is_exceeded
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.state_testing.request import Request
    from sfdebug.state_testing.tested import Tested
    from sfdebug.tasks.handler import TaskHandler

_ONE_ITEM: Mapping[str, Json] = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": ExecutionType.STANDARD},
    "StartAt": "Item",
    "States": {"Item": {"Type": "Pass", "End": True}},
}
"""A processor that never runs: a distributed Map asks for the result of all its iterations at once."""
_ONE_BRANCH = "arn:aws:lambda:us-east-1:123456789012:function:branch"
"""A Task for a branch of a Parallel: its answer is the branch's output."""


class MapFacts(Struct, frozen=True, eq=False):
    """What a Map found out before its iterations: its items, what became of them, and its limits."""

    items: tuple[Json, ...]
    concurrency: int
    tolerance: Tolerance
    stages: tuple[Stage, ...] = ()


class Rehearsal(Struct, frozen=True, eq=False):
    """How the visit went. `is_retriable`: a Retrier would try again; `is_too_long`: it takes more than five minutes."""

    visit: Visit
    is_retriable: bool
    is_too_long: bool
    map_facts: MapFacts | None


def rehearse(request: Request, tested: Tested, tasks: TaskHandler | None, settings: Settings) -> Rehearsal:
    """Run the state under test. Raises UnansweredTaskError when a Task has no mock, and no answer from `tasks`."""
    return _Stage(request, tested, tasks, settings).run()


class _Stage:
    """Where the rehearsal takes place: the request's answers for what the engine asks."""

    def __init__(self, request: Request, tested: Tested, tasks: TaskHandler | None, settings: Settings) -> None:
        self.request = request
        self.tested = tested
        self.tasks = tasks
        self.settings = settings
        mock = request.mock
        self.result: Value = MISSING
        self.failure: TaskFailure | None = None
        if mock is not None and mock.result is not None:
            self.result = mocked_result(mock, tested.state)
        elif mock is not None and mock.error_output is not None:
            self.failure = TaskFailure(*mock.error_output, provenance=Provenance.MOCKED)
        self.map_facts: MapFacts | None = None

    def run(self) -> Rehearsal:
        execution = self._started()
        while True:
            visit = _visit(execution)
            if visit is not None:
                too_long = execution.status is ExecutionStatus.TIMED_OUT
                is_retriable = any(
                    stage.name is StageName.RETRY and stage.status is StageStatus.MATCHED for stage in visit.stages
                )
                if is_retriable or too_long or visit.status is not VisitStatus.RUNNING:
                    return Rehearsal(visit, is_retriable, too_long, self.map_facts)
            execution = self._next(execution)

    def _next(self, execution: Execution) -> Execution:
        asked = readiness(execution).question
        if asked is None:
            return step(execution)
        if asked.kind is RequestKind.MAP_RUN:
            return self._map_run(execution, asked)
        return step(execution, AnswerTask(asked.branch, self._answer(asked)))

    def _started(self) -> Execution:
        machine = self.tested.machine(self._fields())
        if self.result == []:
            machine = _without_branches(machine)
        request = self.request
        execution = start(machine, request.input, self.settings, variables=request.variables)
        name, kind = self.tested.state.name, self.tested.state.type
        if self.failure is not None and kind is StateType.PARALLEL:
            execution = step(execution, InjectFailure((name,), self.failure.error or "", self.failure.cause))
        return _with_retries(step(execution), request.configuration.retrier_retry_count)

    def _fields(self) -> dict[str, Json]:
        """The state's fields, with branches that can give whatever is mocked."""
        fields = self.tested.fields
        if self.tested.state.type is StateType.MAP:
            fields.pop("Iterator", None)
            fields["ItemProcessor"] = dict(_ONE_ITEM)
            if "Parameters" in fields:
                fields["ItemSelector"] = fields.pop("Parameters")
        elif self.tested.state.type is StateType.PARALLEL:
            outputs = self.result if isinstance(self.result, list) else []
            fields["Branches"] = [_branch(index, self.tested.state.name) for index in range(max(1, len(outputs)))]
        return fields

    def _answer(self, asked: TaskRequest) -> Answer:
        if self.failure is not None:
            return self.failure
        if is_present(self.result):
            output = self.result
            if asked.branch and isinstance(output, list):
                output = output[asked.branch[0][1]]
            return TaskResult(output, provenance=Provenance.MOCKED)
        answer = self.tasks.answer(asked) if self.tasks is not None else None
        if answer is None:
            raise UnansweredTaskError(
                f"the Task '{asked.state.name}' asks for a result and nothing answers it",
                where="mock",
                fix="Give the request a mock, or call test_state(..., tasks=handler) with a task handler.",
            )
        return answer

    def _map_run(self, execution: Execution, asked: TaskRequest) -> Execution:
        """Answer for the whole Map Run, unless its items already fail it."""
        work = execution.branches[asked.branch].work
        assert isinstance(work, PreparedWork)
        self.map_facts = facts = MapFacts(work.items.values, work.concurrency, work.tolerance or Tolerance())
        ahead = self._with_items(execution, asked)
        branch = ahead.branches.get(asked.branch) if ahead is not None else None
        if ahead is not None and branch is not None and branch.visit is not None:
            counts = branch.work.counts if isinstance(branch.work, MapRunWork) else ()
            items = work.items.values or (None,) * sum(counts)
            self.map_facts = facts = replace(facts, items=items, stages=tuple(branch.visit.stages))
            if branch.visit.fault is not None:
                return ahead
        failed = self.request.configuration.map_iteration_failure_count
        check_failure_count(failed, self.result, len(facts.items) if ahead is not None else None)
        return step(execution, AnswerTask(asked.branch, self._map_answer(facts)))

    def _with_items(self, execution: Execution, asked: TaskRequest) -> Execution | None:
        """The Map a step further, its items made into what its iterations would be given; None without the items."""
        if asked.is_optional:
            return step(execution)
        data = self.request.configuration.map_item_reader_data
        if data is None:
            return None
        dataset = Dataset(content=data.encode("utf-8", "surrogatepass"), provenance=Provenance.MOCKED)
        return step(execution, AnswerTask(asked.branch, dataset))

    def _map_answer(self, facts: MapFacts) -> Answer:
        if self.failure is not None:
            return self.failure
        failed = self.request.configuration.map_iteration_failure_count
        tolerance = facts.tolerance
        if threshold_is_exceeded(failed, tolerance.count, tolerance.percentage, len(facts.items)):
            return TaskFailure(THRESHOLD_EXCEEDED.error, THRESHOLD_EXCEEDED.cause, provenance=Provenance.MOCKED)
        assert is_present(self.result)
        return TaskResult(self.result, provenance=Provenance.MOCKED)


def _branch(index: int, parallel: str) -> Json:
    """A branch of one Task. State names are unique in a machine: this one begins with the Parallel's."""
    name = f"{parallel} / {index}"
    return {"StartAt": name, "States": {name: {"Type": "Task", "Resource": _ONE_BRANCH, "End": True}}}


def _without_branches(machine: StateMachine) -> StateMachine:
    """The machine, whose Parallel runs no branch: the only way to a result without elements."""
    scope = machine.scope
    first = scope.states[scope.start_at]
    if first.type is not StateType.PARALLEL:
        return machine
    states = {**scope.states, first.name: replace(first, branches=())}
    return replace(machine, scope=replace(scope, states=states))


def _visit(execution: Execution) -> Visit | None:
    """The visit to the state under test: over, or under way."""
    for visit in execution.visits:
        if visit.branch == ():
            return visit
    root = execution.branches.get(())
    return root.visit if root is not None else None


def _with_retries(execution: Execution, count: int) -> Execution:
    """The execution as if each Retrier of the state had already been used `count` times."""
    root = execution.branches.get(())
    if not count or root is None or root.visit is None:
        return execution
    visit = replace(root.visit, retrier_counts=(count,) * len(root.visit.retrier_counts))
    return replace(execution, branches={**execution.branches, (): replace(root, visit=visit)})
