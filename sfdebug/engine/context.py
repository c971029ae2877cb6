"""The Context object, `$$`: what a running state can ask about its execution.

Source: AWS Step Functions Developer Guide, "Accessing execution data from the Context object".
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from sfdebug.engine.decisions import BranchId
from sfdebug.engine.events import utc_text
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.execution import Settings


def execution_arn(settings: Settings) -> str:
    """The ARN of the execution. Express executions carry a further id, here their name again."""
    kind = "express" if settings.execution_type == "EXPRESS" else "execution"
    arn = f"arn:aws:states:{settings.region}:{settings.account}:{kind}:{settings.state_machine_name}:{settings.name}"
    return f"{arn}:{settings.name}" if kind == "express" else arn


def build_context(
    settings: Settings,
    execution_input: Json,
    *,
    state_name: str,
    entered_at: int,
    retry_count: int | None,
    task_token: str | None,
    map_item: tuple[int, Json] | None,
) -> dict[str, Json]:
    """The Context object of one state at one moment. `retry_count` is None outside of Tasks, Parallels and Maps."""
    state: dict[str, Json] = {"Name": state_name, "EnteredTime": utc_text(entered_at)}
    if retry_count is not None:
        state["RetryCount"] = retry_count
    context: dict[str, Json] = {
        "Execution": {
            "Id": execution_arn(settings),
            "Input": execution_input,
            "StartTime": utc_text(settings.start_time),
            "Name": settings.name,
            "RoleArn": settings.role_arn,
            "RedriveCount": 0,
        },
        "StateMachine": {
            "Id": f"arn:aws:states:{settings.region}:{settings.account}:stateMachine:{settings.state_machine_name}",
            "Name": settings.state_machine_name,
        },
        "State": state,
    }
    if map_item is not None:
        index, value = map_item
        context["Map"] = {"Item": {"Index": index, "Value": value}}
    if task_token is not None:
        context["Task"] = {"Token": task_token}
    return context


def task_token(settings: Settings, branch: BranchId, entered_event_id: int, attempt: int) -> str:
    """A token for a callback task: opaque text as AWS's is, the same whenever the same attempt is run again."""
    seed = f"{settings.name}/{settings.seed}/{branch}/{entered_event_id}/{attempt}"
    return base64.b64encode(hashlib.sha512(seed.encode()).digest()).decode("ascii")
