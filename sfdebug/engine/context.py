"""The Context object, `$$`: what a running state can ask about its execution.

Source: AWS Step Functions Developer Guide, "Accessing execution data from the Context object".
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import BranchId
from sfdebug.engine.execution.events import utc_text
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import Identity
    from sfdebug.engine.execution.execution import MapItem
    from sfdebug.engine.execution.settings import Settings


def build_context(
    identity: Identity,
    settings: Settings,
    *,
    is_express: bool,
    state_name: str,
    entered_at: int,
    retry_count: int | None,
    task_token: str | None,
    map_item: MapItem | None,
) -> dict[str, Json]:
    """The Context object of one state at one moment. `retry_count` is None outside of Tasks, Parallels and Maps.

    An Express execution (`is_express`), which cannot be redriven, has no RedriveCount.
    """
    state: dict[str, Json] = {"Name": state_name, "EnteredTime": utc_text(entered_at)}
    if retry_count is not None:
        state["RetryCount"] = retry_count
    execution: dict[str, Json] = {
        "Id": identity.arn,
        "Input": identity.input,
        "StartTime": utc_text(identity.start_time),
        "Name": identity.name,
        "RoleArn": settings.role_arn,
    }
    if not is_express:
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
    if task_token is not None:
        context["Task"] = {"Token": task_token}
    if settings.context is None:
        return context
    # Recorded (TestState): a Context object that is given stands as it is, and nothing of the own one shows through.
    own: dict[str, Json] = {name: context[name] for name in ("Map", "Task") if name in context}
    return {**own, **settings.context}


def task_token(settings: Settings, branch: BranchId, entered_event_id: int, attempt: int) -> str:
    """A token for a callback task: opaque text as AWS's is, the same whenever the same attempt is run again."""
    seed = f"{settings.name}/{settings.seed}/{branch}/{entered_event_id}/{attempt}"
    return base64.b64encode(hashlib.sha512(seed.encode("utf-8", "surrogatepass")).digest()).decode("ascii")
