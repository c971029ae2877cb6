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
    from sfdebug.engine.execution.children import Identity
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.settings import Settings
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


def context_of(draft: StepDraft) -> dict[str, Json]:
    """The Context object of the state that `draft` is in, at this moment."""
    visit, settings = draft.visit, draft.settings
    child = draft.children.get(draft.child_id) if draft.child_id else None
    identity = child.identity if child else _own_identity(draft.execution)
    state: dict[str, Json] = {"Name": draft.state_name, "EnteredTime": utc_text(visit.entered_at)}
    if visit.state.retriers or visit.state.is_container or visit.state.type is StateType.TASK:
        state["RetryCount"] = visit.tries - 1
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
    if draft.map_item is not None:
        context["Map"] = {"Item": draft.map_item.context}
    if draft.task_token is not None:
        context["Task"] = {"Token": draft.task_token}
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
