"""The pure step: `start` makes an execution, `step` gives the next one; and what the user intervenes with: a failure, a
rule of a Choice, an input, an output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import StateMachine, StateType
from sfdebug.engine.ending import end_branch, fail_full_history, is_history_full, next_deadline, stop, time_out
from sfdebug.engine.execution.decisions import (
    AdjustMapRun,
    AnswerTask,
    BeginTask,
    Decision,
    EditInput,
    EditOutput,
    ExpireExecution,
    ForceChoice,
    InjectFailure,
    Proceed,
    Redrive,
    RefuseTask,
    StopExecution,
)
from sfdebug.engine.execution.events import NOT_TRUNCATED, Event, EventType
from sfdebug.engine.execution.execution import Branch, Execution, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.settings import Settings
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.engine.execution.work import MapRunWork, Tolerance
from sfdebug.engine.faults import StateError
from sfdebug.engine.handling import handle_fault
from sfdebug.engine.payload import check_size
from sfdebug.engine.program import Program
from sfdebug.engine.readiness import can_move, is_ready, next_to_move, readiness, sleepers
from sfdebug.engine.redriving import redrive
from sfdebug.engine.states.task import TaskProgram
from sfdebug.engine.step_draft import StepDraft
from sfdebug.errors import DecisionError
from sfdebug.limits import MAX_DISTRIBUTED_MAP_CONCURRENCY
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.states.base import StateProgram
    from sfdebug.values import Json


PROCEED: Final = Proceed()


def start(
    machine: StateMachine | Program,
    input: Json,
    settings: Settings | None = None,
    *,
    variables: Mapping[str, Json] | None = None,
) -> Execution:
    """An execution of `machine` that is about to enter its first state, with `variables` already assigned.

    Raises UnsupportedError when the definition cannot be run as it stands (a `${Placeholder}` for a value).
    """
    settings = settings or Settings()
    program = machine if isinstance(machine, Program) else Program(machine)
    details: dict[str, Json] = {
        "input": input,
        "inputDetails": NOT_TRUNCATED,
        "roleArn": settings.role_arn,
    }
    started = Event(1, 0, EventType.EXECUTION_STARTED, settings.start_time, (), "", details)
    # Recorded: the first state follows event 0, not the ExecutionStarted event.
    root = Branch(
        id=(),
        scope_path=(),
        phase=Phase.READY,
        state_name=program.machine.scope.start_at,
        input=input,
        previous_event_id=0,
        variables=dict(variables or {}),
    )
    return Execution(
        program=program,
        settings=settings,
        input=input,
        status=ExecutionStatus.RUNNING,
        clock=0,
        branches={(): root},
        events=Log((started,)),
        visits=Log(),
        decisions=Log(),
    )


def step(execution: Execution, decision: Decision = PROCEED) -> Execution:
    """The execution after one step: one branch moves by one phase, or a decision is taken in.

    Pure: `execution` is unchanged, and the same arguments always give an equal result. Raises DecisionError
    when the decision does not fit, or when nothing can move until a task is answered.
    """
    if isinstance(decision, Redrive):
        return redrive(execution, decision)
    if execution.status is not ExecutionStatus.RUNNING:
        raise DecisionError("the execution is over", fix="go back, or restart")
    if isinstance(decision, Proceed):
        return _proceed(execution, decision)
    if isinstance(decision, AnswerTask):
        return _answer(execution, decision)
    if isinstance(decision, InjectFailure):
        return _inject(execution, decision)
    if isinstance(decision, ForceChoice):
        return _force(execution, decision)
    if isinstance(decision, EditOutput):
        return _edit_output(execution, decision)
    if isinstance(decision, EditInput):
        return _edit(execution, decision)
    return _befallen(execution, decision)


def _befallen(
    execution: Execution, decision: BeginTask | RefuseTask | StopExecution | ExpireExecution | AdjustMapRun
) -> Execution:
    """The execution after something happened to it that is no answer."""
    if isinstance(decision, BeginTask):
        return _begin(execution, decision)
    if isinstance(decision, RefuseTask):
        return _refuse(execution, decision)
    if isinstance(decision, StopExecution):
        return stop(execution, decision)
    if isinstance(decision, AdjustMapRun):
        return _adjust(execution, decision)
    return time_out(execution, _branch_of(execution, decision.child).id, execution.moment(decision.at), decision)


def _proceed(execution: Execution, decision: Proceed) -> Execution:
    branches = execution.branches
    if decision.branch is not None:
        branch = branches.get(decision.branch)
        clock = execution.moment(decision.at)
        if branch is None or not can_move(branch, clock, is_timed=decision.at is not None):
            raise DecisionError(f"the branch {decision.branch} cannot move now")
        return _move(execution, branch, clock, decision)
    if len(branches) == 1:  # the common case, without building a Readiness
        (branch,) = branches.values()
        if is_ready(branch, execution.clock):
            return _move(execution, branch, execution.clock, decision)
    first = next_to_move(execution)
    if first is not None:
        return _move(execution, branches[first], execution.clock, decision)
    possible = readiness(execution)
    if possible.ready:
        return _move(execution, branches[possible.ready[0]], execution.clock, decision)
    if possible.requests:
        request = possible.requests[0]
        raise DecisionError(
            f"the Task '{request.state.name}' waits for its answer", fix="answer it before time can go on"
        )
    assert possible.wakes_at is not None
    return _let_time_pass(execution, possible.wakes_at, decision)


def _let_time_pass(execution: Execution, wakes_at: int, decision: Proceed) -> Execution:
    deadline, child_id = next_deadline(execution)
    if wakes_at >= deadline:
        return time_out(execution, child_id, deadline, decision)
    first = min(sleepers(execution, wakes_at), key=lambda branch: (branch.turn, branch.id))
    return _move(execution, first, wakes_at, decision)


# one branch moves by one phase


def _move(execution: Execution, branch: Branch, clock: int, decision: Proceed) -> Execution:
    draft = StepDraft(execution, branch)
    draft.clock = clock
    draft.wake_at = None  # it is awake now: only sleep() sets a new time
    program: StateProgram = execution.program.scopes[branch.scope_path][branch.state_name]
    try:
        if branch.phase is Phase.READY:
            draft.begin_visit(program.state, program.entered_event)
            program.enter(draft)
        elif branch.phase is Phase.EXIT:
            _leave(draft, program)
        elif branch.phase is Phase.FAULT:
            handle_fault(draft, program)
        else:
            program.proceed(draft)
        if decision.whole_visit and draft.phase is Phase.EXIT:
            _leave(draft, program)
    except StateError as failure:
        _fail(draft, failure)
    return _committed(draft, decision)


def _fail(draft: StepDraft, failure: StateError) -> None:
    draft.raise_fault(draft.emit_evaluation_failed(failure))


def _leave(draft: StepDraft, program: StateProgram) -> None:
    state, output = program.state, draft.visit.output
    assert output is not MISSING
    if output is not draft.input:  # the input was measured when the state before gave it
        check_size(output, draft.settings.max_payload_bytes, state.name)
    details: dict[str, Json] = {"name": state.name, "output": output, "outputDetails": NOT_TRUNCATED}
    if draft.visit.assigned:
        details["assignedVariables"] = dict(draft.visit.assigned)
        details["assignedVariablesDetails"] = NOT_TRUNCATED
        draft.variables = {**draft.variables, **draft.visit.assigned}
    draft.emit(program.exited_event, details)
    next_state = draft.visit.next
    draft.end_visit(VisitStatus.CAUGHT if draft.visit.fault is not None else VisitStatus.SUCCEEDED)
    if next_state is None:
        end_branch(draft, output)
        return
    draft.phase = Phase.READY
    draft.state_name = next_state
    draft.input = output


def _committed(draft: StepDraft, decision: Decision) -> Execution:
    after = draft.commit(decision)
    if draft.is_near_the_limit and after.status is ExecutionStatus.RUNNING and is_history_full(after, draft.child_id):
        return fail_full_history(after, draft.child_id, decision)
    return after


def _answer(execution: Execution, decision: AnswerTask) -> Execution:
    branch = _branch_of(execution, decision.branch)
    program: StateProgram = execution.program.scopes[branch.scope_path][branch.state_name]
    if branch.phase is not Phase.ASKING:
        raise DecisionError(f"'{branch.state_name}' does not wait for an answer")
    draft = StepDraft(execution, branch)
    draft.clock = execution.moment(decision.at)
    try:
        program.answer(draft, decision)
    except StateError as failure:
        _fail(draft, failure)
    return _committed(draft, decision)


def _begin(execution: Execution, decision: BeginTask) -> Execution:
    branch = _branch_of(execution, decision.branch)
    program = execution.program.scopes[branch.scope_path][branch.state_name]
    if branch.phase is not Phase.ASKING or not isinstance(program, TaskProgram):
        raise DecisionError(f"'{branch.state_name}' is not a Task that waits for an answer")
    draft = StepDraft(execution, branch)
    draft.clock = execution.moment(decision.at)
    program.begin(draft, decision.submission)
    return _committed(draft, decision)


def _refuse(execution: Execution, decision: RefuseTask) -> Execution:
    branch = _branch_of(execution, decision.branch)
    if branch.phase is not Phase.WORK or branch.visit is None or branch.visit.state.type is not StateType.TASK:
        raise DecisionError(f"'{branch.state_name}' is not a Task that is about to be scheduled")
    draft = StepDraft(execution, branch)
    _fail(draft, StateError(decision.error, decision.cause, names_state=True))
    return _committed(draft, decision)


# what the user intervenes with


def _branch_of(execution: Execution, branch_id: BranchId) -> Branch:
    """A branch of `execution`. Raises DecisionError when there is none of that name now."""
    branch = execution.branches.get(branch_id)
    if branch is None:
        raise DecisionError(f"there is no branch {branch_id} at this moment")
    return branch


def _inject(execution: Execution, decision: InjectFailure) -> Execution:
    """The next attempts of a state will fail. Raises DecisionError when that does not fit."""
    try:
        state = execution.machine.state(decision.state)
    except KeyError:
        raise DecisionError(f"there is no state {decision.state}") from None
    if state.type not in (StateType.TASK, StateType.PARALLEL, StateType.MAP):
        raise DecisionError(
            f"'{state.name}' is a {state.type}: failures can be injected into Task, Parallel and Map states"
        )
    if decision.attempts < 1:
        raise DecisionError("a failure is injected into at least one attempt")
    kept = tuple(injection for injection in execution.injections if injection.state != decision.state)
    return replace(
        execution, injections=(*kept, decision), decisions=execution.decisions.append(decision), moved=execution.moved
    )


def _force(execution: Execution, decision: ForceChoice) -> Execution:
    """The Choice that a branch is about to run takes a rule. Raises DecisionError when that does not fit."""
    branch = _branch_of(execution, decision.branch)
    state = execution.program.state(branch.scope_path, branch.state_name)
    if branch.phase is not Phase.READY or state.type is not StateType.CHOICE:
        raise DecisionError(f"'{branch.state_name}' is not a Choice that is about to run")
    if decision.rule is None and state.default is None:
        raise DecisionError(f"'{state.name}' has no Default")
    if decision.rule is not None and not 0 <= decision.rule < len(state.choices):
        raise DecisionError(f"'{state.name}' has {len(state.choices)} rules, there is no rule {decision.rule + 1}")
    return _changed(execution, replace(branch, forced=decision), decision)


def _edit(execution: Execution, decision: EditInput) -> Execution:
    """The state that a branch is about to enter gets another input. Raises DecisionError when that does not fit."""
    branch = _branch_of(execution, decision.branch)
    if branch.phase is not Phase.READY:
        raise DecisionError(f"'{branch.state_name}' has already been entered")
    _check_size(execution, branch, decision.input, "input")
    return _changed(execution, replace(branch, input=decision.input, edited=decision.provenance), decision)


def _edit_output(execution: Execution, decision: EditOutput) -> Execution:
    """The state that a branch is about to leave gives another output. Raises DecisionError when that does not fit."""
    branch = _branch_of(execution, decision.branch)
    if branch.phase is not Phase.EXIT or branch.visit is None:
        raise DecisionError(f"'{branch.state_name}' is not about to be left")
    _check_size(execution, branch, decision.output, "output")
    visit = replace(branch.visit, output=decision.output, assigned=decision.assigned)
    return _changed(execution, replace(branch, visit=visit, edited=decision.provenance), decision)


def _adjust(execution: Execution, decision: AdjustMapRun) -> Execution:
    """A Map Run has other limits from now on. Raises DecisionError where none is under way."""
    branch = _branch_of(execution, decision.branch)
    work = branch.work
    if not isinstance(work, MapRunWork):
        raise DecisionError(f"'{branch.state_name}' has no Map Run under way")
    count, percentage, most = decision.tolerated_count, decision.tolerated_percentage, decision.concurrency
    tolerance = Tolerance(
        work.tolerance.count if count is None else count,
        work.tolerance.percentage if percentage is None else percentage,
    )
    if most is not None:  # AWS API, UpdateMapRun: 0 stands for no limit
        work = replace(work, concurrency=min(most or MAX_DISTRIBUTED_MAP_CONCURRENCY, MAX_DISTRIBUTED_MAP_CONCURRENCY))
    return _changed(execution, replace(branch, work=replace(work, tolerance=tolerance)), decision)


def _check_size(execution: Execution, branch: Branch, value: Json, what: str) -> None:
    try:
        check_size(value, execution.settings.max_payload_bytes, branch.state_name)
    except StateError:
        most = execution.settings.max_payload_bytes
        raise DecisionError(f"the {what} would be larger than {most:,} bytes", fix="shorten it") from None


def _changed(execution: Execution, branch: Branch, decision: Decision) -> Execution:
    return replace(
        execution,
        branches={**execution.branches, branch.id: branch},
        decisions=execution.decisions.append(decision),
        moved=branch.id,
    )
