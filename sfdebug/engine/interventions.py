"""What the user imposes on an execution: a failure, a rule of a Choice, an input, an output."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.execution import Branch, Execution, Phase
from sfdebug.engine.faults import StateError
from sfdebug.engine.payload import check_size
from sfdebug.errors import DecisionError

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId, Decision, EditInput, EditOutput, ForceChoice, InjectFailure
    from sfdebug.values import Json


def branch_of(execution: Execution, branch_id: BranchId) -> Branch:
    """A branch of `execution`. Raises DecisionError when there is none of that name now."""
    branch = execution.branches.get(branch_id)
    if branch is None:
        raise DecisionError(f"there is no branch {branch_id} at this moment")
    return branch


def inject(execution: Execution, decision: InjectFailure) -> Execution:
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


def force(execution: Execution, decision: ForceChoice) -> Execution:
    """The Choice that a branch is about to run takes a rule. Raises DecisionError when that does not fit."""
    branch = branch_of(execution, decision.branch)
    state = execution.program.state(branch.scope_path, branch.state_name)
    if branch.phase is not Phase.READY or state.type is not StateType.CHOICE:
        raise DecisionError(f"'{branch.state_name}' is not a Choice that is about to run")
    if decision.rule is None and state.default is None:
        raise DecisionError(f"'{state.name}' has no Default")
    if decision.rule is not None and not 0 <= decision.rule < len(state.choices):
        raise DecisionError(f"'{state.name}' has {len(state.choices)} rules, there is no rule {decision.rule + 1}")
    return _changed(execution, replace(branch, forced=decision), decision)


def edit(execution: Execution, decision: EditInput) -> Execution:
    """The state that a branch is about to enter gets another input. Raises DecisionError when that does not fit."""
    branch = branch_of(execution, decision.branch)
    if branch.phase is not Phase.READY:
        raise DecisionError(f"'{branch.state_name}' has already been entered")
    _check_size(execution, branch, decision.input, "input")
    return _changed(execution, replace(branch, input=decision.input, edited=decision.provenance), decision)


def edit_output(execution: Execution, decision: EditOutput) -> Execution:
    """The state that a branch is about to leave gives another output. Raises DecisionError when that does not fit."""
    branch = branch_of(execution, decision.branch)
    if branch.phase is not Phase.EXIT or branch.visit is None:
        raise DecisionError(f"'{branch.state_name}' is not about to be left")
    _check_size(execution, branch, decision.output, "output")
    visit = replace(branch.visit, output=decision.output, assigned=decision.assigned)
    return _changed(execution, replace(branch, visit=visit, edited=decision.provenance), decision)


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
