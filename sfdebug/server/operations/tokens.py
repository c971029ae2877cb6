"""What workers send for task tokens. Source: AWS API, SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat."""

from __future__ import annotations

from sfdebug.server.call import ApiCall
from sfdebug.values import Json


def send_task_success(call: ApiCall) -> dict[str, Json]:
    """SendTaskSuccess."""
    call.host.tokens.succeed(call.members["taskToken"], call.members["output"])
    return {}


def send_task_failure(call: ApiCall) -> dict[str, Json]:
    """SendTaskFailure."""
    call.host.tokens.fail(call.members["taskToken"], call.get("error"), call.get("cause"))
    return {}


def send_task_heartbeat(call: ApiCall) -> dict[str, Json]:
    """SendTaskHeartbeat."""
    call.host.tokens.heartbeat(call.members["taskToken"])
    return {}
