"""Task requests made by hand, for tests of task handlers."""

from __future__ import annotations

from sfdebug.asl.definition import State, StateType
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.values import Json

CHARGE = "arn:aws:lambda:us-east-1:123456789012:function:charge"


def task_request(
    name: str = "Charge", *, input: Json = None, resource: str = CHARGE, invocation: int = 0, attempt: int = 1
) -> TaskRequest:
    """What the Task called `name` asks."""
    state = State(name, StateType.TASK, (name,), ("States", name), {"Type": "Task", "Resource": resource})
    return TaskRequest((), state, input, attempt, invocation, scheduled_event_id=3)
