"""The pure step: `start` makes an execution, `step` gives the next one, `pending` says what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateMachine, StateType
from sfdebug.engine.branches import end_branch
from sfdebug.engine.decisions import (
    AnswerTask,
    BranchId,
    Decision,
    EditInput,
    ForceChoice,
    InjectFailure,
    Proceed,
    StopExecution,
)
from sfdebug.engine.events import NOT_TRUNCATED, Event
from sfdebug.engine.execution import Branch, Execution, Phase, Settings
from sfdebug.engine.faults import RUNTIME, TIMEOUT, StateError
from sfdebug.engine.handling import handle_fault
from sfdebug.engine.log import Log
from sfdebug.engine.move import Move
from sfdebug.engine.payload import check_size
from sfdebug.engine.program import Program
from sfdebug.engine.states.map_running import MapRunProgram
from sfdebug.engine.states.tasking import TaskProgram
from sfdebug.engine.status import ExecutionStatus
from sfdebug.engine.visit import Fault, TaskRequest, VisitStatus
from sfdebug.engine.work import MapRunWork, MapWork, ParallelWork
from sfdebug.errors import DecisionError
from sfdebug.limits import EXPRESS_MAX_SECONDS, STANDARD_MAX_SECONDS
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.engine.states.base import StateProgram

PROCEED: Final = Proceed()


@dataclass(frozen=True, slots=True)
class Situation:
    """What an execution can do next.

    `requests` are the questions that wait for an answer; `ready` the branches that can move now, the one that the
    engine would move first; `wakes_at` the virtual time (ms) of the earliest timer, None when there is none.
    A branch whose question is optional is in both when there is nothing else that can move. `question` is the request
    to put to the outside now: None while something else can move.
    """

    requests: tuple[TaskRequest, ...]
    ready: tuple[BranchId, ...]
    wakes_at: int | None
    finished: bool
    question: TaskRequest | None = None


def start(
    machine: StateMachine | Program,
    input: Json,
    settings: Settings | None = None,
    *,
    variables: Mapping[str, Json] | None = None,
) -> Execution:
    """An execution of `machine` that is about to enter its first state, with `variables` already assigned.

    Raises UnsupportedError when the definition uses what this engine does not run.
    """
    settings = settings or Settings()
    program = machine if isinstance(machine, Program) else Program(machine)
    details: dict[str, Json] = {
        "input": input,
        "inputDetails": NOT_TRUNCATED,
        "roleArn": settings.role_arn,
    }
    started = Event(1, 0, "ExecutionStarted", settings.start_time, (), "", details)
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


def pending(execution: Execution) -> Situation:
    """What `execution` waits for, and which branches can move."""
    if execution.status is not ExecutionStatus.RUNNING:
        return Situation((), (), None, finished=True)
    ready: list[Branch] = []
    late: list[Branch] = []
    requests: list[TaskRequest] = []
    wakes_at: int | None = None
    for branch in execution.branches.values():
        if branch.phase is Phase.ASKING:
            assert branch.request is not None
            requests.append(branch.request)
            if branch.request.is_optional:
                late.append(branch)
        elif _is_ready(branch, execution.clock):
            ready.append(branch)
        elif branch.wake_at is not None and (wakes_at is None or branch.wake_at < wakes_at):
            wakes_at = branch.wake_at
        elif isinstance(branch.work, MapRunWork) and branch.work.can_start:
            late.append(branch)
    question = None
    if not ready:
        ready, question = late, requests[0] if requests else None
    if len(ready) > 1:
        ready.sort(key=lambda branch: (branch.turn, branch.id))
    moving = tuple(branch.id for branch in ready)
    return Situation(tuple(requests), moving, wakes_at, finished=False, question=question)


def step(execution: Execution, decision: Decision = PROCEED) -> Execution:
    """The execution after one step: one branch moves by one phase, or a decision is taken in.

    Pure: `execution` is unchanged, and the same arguments always give an equal result. Raises DecisionError
    when the decision does not fit, or when nothing can move until a task is answered.
    """
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
    if isinstance(decision, StopExecution):
        return _stop(execution, decision)
    return _edit(execution, decision)


def _proceed(execution: Execution, decision: Proceed) -> Execution:
    branches = execution.branches
    if decision.branch is not None:
        branch = branches.get(decision.branch)
        clock = _moment(execution, decision.at)
        if branch is None or not _can_move(branch, clock, is_timed=decision.at is not None):
            raise DecisionError(f"the branch {decision.branch} cannot move now")
        return _move(execution, branch, clock, decision)
    if len(branches) == 1:  # the common case, without building a Situation
        (branch,) = branches.values()
        if _is_ready(branch, execution.clock):
            return _move(execution, branch, execution.clock, decision)
    situation = pending(execution)
    if situation.ready:
        return _move(execution, branches[situation.ready[0]], execution.clock, decision)
    if situation.requests:
        request = situation.requests[0]
        raise DecisionError(
            f"the Task '{request.state.name}' waits for its answer", fix="answer it before time can go on"
        )
    assert situation.wakes_at is not None
    return _let_time_pass(execution, situation.wakes_at, decision)


def _let_time_pass(execution: Execution, wakes_at: int, decision: Proceed) -> Execution:
    deadline = _deadline(execution)
    if wakes_at >= deadline:
        return _time_out(execution, deadline, decision)
    sleepers = [branch for branch in execution.branches.values() if branch.wake_at == wakes_at]
    first = min(sleepers, key=lambda branch: (branch.turn, branch.id))
    return _move(execution, first, wakes_at, decision)


def next_to_move(execution: Execution) -> BranchId | None:
    """The first of `pending(execution).ready`, in less time; None also when all that it would name can wait."""
    if execution.status is not ExecutionStatus.RUNNING:
        return None
    first: Branch | None = None
    clock = execution.clock
    for branch in execution.branches.values():
        if (
            first is None or branch.turn < first.turn or (branch.turn == first.turn and branch.id < first.id)
        ) and _is_ready(branch, clock):
            first = branch
    return None if first is None else first.id


def _moment(execution: Execution, at: int | None) -> int:
    """When a decision happens: time never goes back."""
    return execution.clock if at is None else max(at, execution.clock)


def _can_move(branch: Branch, clock: int, *, is_timed: bool) -> bool:
    """Whether a branch may be moved when it is named: also one that the engine would leave for later."""
    if is_timed and branch.phase is Phase.SLEEPING:
        return True
    if branch.request is not None and branch.request.is_optional:
        return True
    return _is_ready(branch, clock) or (isinstance(branch.work, MapRunWork) and branch.work.can_start)


def _is_ready(branch: Branch, clock: int) -> bool:
    phase = branch.phase  # compared by identity: the hash of an enumeration's member takes time
    if phase is Phase.READY or phase is Phase.EXIT or phase is Phase.WORK or phase is Phase.FAULT:
        return True
    if phase is Phase.SLEEPING:
        return branch.wake_at is not None and branch.wake_at <= clock
    if phase is Phase.CHILDREN:
        work = branch.work
        if branch.child_fault is not None:
            return True
        if isinstance(work, MapWork):
            return work.is_complete or work.can_start
        if isinstance(work, MapRunWork):
            return work.is_complete or work.is_eager
        return isinstance(work, ParallelWork) and work.is_complete
    return False


# one branch moves by one phase


def _move(execution: Execution, branch: Branch, clock: int, decision: Proceed) -> Execution:
    move = Move(execution, branch)
    move.clock = clock
    move.wake_at = None  # it is awake now: only sleep() sets a new time
    program = execution.program.scopes[branch.scope_path][branch.state_name]
    try:
        if branch.phase is Phase.READY:
            move.begin_visit(program.state, program.entered_event)
            program.enter(move)
        elif branch.phase is Phase.EXIT:
            _leave(move, program)
        elif branch.phase is Phase.FAULT:
            handle_fault(move, program)
        else:
            program.proceed(move)
        if decision.whole_visit and move.phase is Phase.EXIT:
            _leave(move, program)
    except StateError as failure:
        _fail(move, failure)
    return _committed(move, decision)


def _fail(move: Move, failure: StateError) -> None:
    move.raise_fault(move.emit_evaluation_failed(failure))


def _leave(move: Move, program: StateProgram) -> None:
    state, output = program.state, move.visit_output
    assert output is not MISSING
    if output is not move.input:  # the input was measured when the state before gave it
        check_size(output, move.settings.max_payload_bytes, state.name)
    details: dict[str, Json] = {"name": state.name, "output": output, "outputDetails": NOT_TRUNCATED}
    if move.assigned:
        details["assignedVariables"] = dict(move.assigned)
        details["assignedVariablesDetails"] = NOT_TRUNCATED
        move.variables = {**move.variables, **move.assigned}
    move.emit(program.exited_event, details)
    next_state = move.next
    move.end_visit(VisitStatus.CAUGHT if move.visit_fault is not None else VisitStatus.SUCCEEDED)
    if next_state is None:
        end_branch(move, output)
        return
    move.phase = Phase.READY
    move.state_name = next_state
    move.input = output


def _committed(move: Move, decision: Decision) -> Execution:
    after = move.commit(decision)
    settings = after.settings
    if (
        len(after.events) >= settings.max_history_events - 1
        and settings.execution_type == "STANDARD"
        and after.status is ExecutionStatus.RUNNING
    ):
        return _history_is_full(after)
    return after


def _history_is_full(execution: Execution) -> Execution:
    """The execution fails with its last possible event. Source: service quotas, "Maximum execution history size"."""
    most = execution.settings.max_history_events
    events = execution.events if len(execution.events) < most else Log(execution.events[: most - 1])
    fault = Fault(RUNTIME, f"The execution reached the maximum number of history events ({most}).")
    event = Event(
        most,
        most - 1,
        "ExecutionFailed",
        execution.settings.start_time + execution.clock,
        (),
        "",
        fault.details,
    )
    return replace(execution, status=ExecutionStatus.FAILED, fault=fault, events=events.append(event), branches={})


def _deadline(execution: Execution) -> int:
    settings, machine = execution.settings, execution.machine
    longest = EXPRESS_MAX_SECONDS if settings.execution_type == "EXPRESS" else STANDARD_MAX_SECONDS
    return min(longest, machine.timeout_seconds or longest) * 1000


def _time_out(execution: Execution, deadline: int, decision: Decision) -> Execution:
    """TimeoutSeconds of the whole machine is over. Source: specification, "Top-level fields"."""
    root = execution.branches[()]
    event = Event(
        len(execution.events) + 1,
        root.previous_event_id,
        "ExecutionTimedOut",
        execution.settings.start_time + deadline,
        (),
        root.state_name,
        {"error": TIMEOUT},
    )
    return replace(
        execution,
        status=ExecutionStatus.TIMED_OUT,
        clock=deadline,
        fault=Fault(TIMEOUT),
        events=execution.events.append(event),
        decisions=execution.decisions.append(decision),
        turn=execution.turn + 1,
        moved=(),
    )


# decisions from outside


def _branch(execution: Execution, branch_id: BranchId) -> Branch:
    branch = execution.branches.get(branch_id)
    if branch is None:
        raise DecisionError(f"there is no branch {branch_id} at this moment")
    return branch


def _answer(execution: Execution, decision: AnswerTask) -> Execution:
    branch = _branch(execution, decision.branch)
    program = execution.program.scopes[branch.scope_path][branch.state_name]
    if branch.phase is not Phase.ASKING or not isinstance(program, TaskProgram | MapRunProgram):
        raise DecisionError(f"'{branch.state_name}' does not wait for an answer")
    move = Move(execution, branch)
    move.clock = _moment(execution, decision.at)
    try:
        program.answer(move, decision)
    except StateError as failure:
        _fail(move, failure)
    return _committed(move, decision)


def _inject(execution: Execution, decision: InjectFailure) -> Execution:
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
    branch = _branch(execution, decision.branch)
    state = execution.program.state(branch.scope_path, branch.state_name)
    if branch.phase is not Phase.READY or state.type is not StateType.CHOICE:
        raise DecisionError(f"'{branch.state_name}' is not a Choice that is about to run")
    if decision.rule is None and state.default is None:
        raise DecisionError(f"'{state.name}' has no Default")
    if decision.rule is not None and not 0 <= decision.rule < len(state.choices):
        raise DecisionError(f"'{state.name}' has {len(state.choices)} rules, there is no rule {decision.rule + 1}")
    return _changed(execution, replace(branch, forced=decision), decision)


def _stop(execution: Execution, decision: StopExecution) -> Execution:
    """Recorded: ExecutionAborted follows no event, and nothing is said of what was under way."""
    fault = Fault(decision.error, decision.cause)
    time = execution.settings.start_time + execution.clock
    event = Event(len(execution.events) + 1, 0, "ExecutionAborted", time, (), "", fault.details)
    return replace(
        execution,
        status=ExecutionStatus.ABORTED,
        fault=fault,
        events=execution.events.append(event),
        decisions=execution.decisions.append(decision),
        turn=execution.turn + 1,
        moved=(),
    )


def _edit(execution: Execution, decision: EditInput) -> Execution:
    branch = _branch(execution, decision.branch)
    if branch.phase is not Phase.READY:
        raise DecisionError(f"'{branch.state_name}' has already been entered")
    try:
        check_size(decision.input, execution.settings.max_payload_bytes, branch.state_name)
    except StateError:
        most = execution.settings.max_payload_bytes
        raise DecisionError(f"the input would be larger than {most:,} bytes", fix="shorten it") from None
    return _changed(execution, replace(branch, input=decision.input, edited=True), decision)


def _changed(execution: Execution, branch: Branch, decision: Decision) -> Execution:
    return replace(
        execution,
        branches={**execution.branches, branch.id: branch},
        decisions=execution.decisions.append(decision),
        moved=branch.id,
    )
