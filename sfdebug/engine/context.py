"""The Context object, `$$`: what a running state can ask about its execution.

Source: AWS Step Functions Developer Guide, "Accessing execution data from the Context object".
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.children import root_identity
from sfdebug.engine.execution.events import utc_text
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.children import ChildExecution, Identity
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Branch, Execution, MapItem
    from sfdebug.engine.execution.settings import Settings
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


def context_of(draft: StepDraft) -> dict[str, Json]:
    """The Context object of the state that `draft` is in, at this moment."""
    visit, settings = draft.visit, draft.settings
    child = draft.children.get(draft.child_id) if draft.child_id else None
    state = _state_part(visit.state, draft.state_name, visit.entered_at, visit.tries - 1)
    return _context(draft.execution, settings, child, state, draft.map_item, draft.task_token)


def context_at(execution: Execution, branch: Branch | None, state: State, visit: Visit | None) -> dict[str, Json]:
    """The Context object that expressions of `state` see at this instant: in its `visit`, or, about to enter it, as it
    would be. `branch` is the one that it runs in, None when that has ended."""
    settings = execution.settings
    child = execution.children.get(branch.child_id) if branch is not None and branch.child_id else None
    entered_at = visit.entered_at if visit is not None else settings.start_time + execution.clock
    retries = visit.attempt - visit.redriven_after - 1 if visit is not None else 0
    request = branch.request if branch is not None else None
    return _context(
        execution,
        settings,
        child,
        _state_part(state, state.name, entered_at, retries),
        branch.map_item if branch is not None else None,
        request.task_token if request is not None else None,
    )


def _state_part(state: State, name: str, entered_at: int, retries: int) -> dict[str, Json]:
    part: dict[str, Json] = {"Name": name, "EnteredTime": utc_text(entered_at)}
    if state.retriers or state.is_container or state.type is StateType.TASK:
        part["RetryCount"] = retries
    return part


def _context(
    at: Execution,
    settings: Settings,
    child: ChildExecution | None,
    state: dict[str, Json],
    map_item: MapItem | None,
    token: str | None,
) -> dict[str, Json]:
    identity = child.identity if child else _own_identity(at)
    execution: dict[str, Json] = {
        "Id": identity.arn,
        "Input": identity.input,
        "StartTime": utc_text(identity.start_time),
        "Name": identity.name,
        "RoleArn": settings.role_arn,
    }
    if (child or settings).execution_type != ExecutionType.EXPRESS:  # which cannot be redriven
        execution["RedriveCount"] = identity.redrive_count
    if identity.redrive_time is not None:  # measured on AWS by others: absent until the first redrive
        execution["RedriveTime"] = utc_text(identity.redrive_time)
    context: dict[str, Json] = {
        "Execution": execution,
        "StateMachine": {"Id": identity.state_machine_arn, "Name": identity.state_machine_name},
        "State": state,
    }
    if map_item is not None:
        context["Map"] = {"Item": map_item.context}
    if token is not None:
        context["Task"] = {"Token": token}
    if settings.context is None:
        return context
    # Recorded (TestState): a Context object that is given stands as it is, and nothing of the own one shows through.
    own: dict[str, Json] = {name: context[name] for name in ("Map", "Task") if name in context}
    return {**own, **settings.context}


def _own_identity(execution: Execution) -> Identity:
    return root_identity(execution.settings, execution.input, execution.redrive_count, execution.redriven_at)


def task_token(settings: Settings, branch: BranchId, entered_event_id: int, attempt: int) -> str:
    """A token for a callback task: opaque text as AWS's is, the same whenever the same attempt is run again."""
    seed = f"{settings.name}/{settings.seed}/{branch}/{entered_event_id}/{attempt}"
    import hashlib  # here: it loads OpenSSL, which the way to the first picture does without

    return base64.b64encode(hashlib.sha512(seed.encode("utf-8", "surrogatepass")).digest()).decode("ascii")
