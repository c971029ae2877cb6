"""The Context object of a test: what a request may give for one, and what AWS makes up when it gives none.

Source: recorded refusals of TestState; AWS API reference, TestState, `context`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.events import utc_text
from sfdebug.engine.resources import IntegrationPattern, parse_resource
from sfdebug.state_testing.request import TestStateError, refused
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine import Settings
    from sfdebug.state_testing.request import Request

DEFAULT_NAME: Final = "StateName"
"""What AWS calls a state that is tested. Recorded: `$states.context.State.Name`."""

_TEXT: Final = (str,)
_NUMBER: Final = (int, float)
_ANYTHING: Final = (dict, list, str, int, float, bool, type(None))
_FIELDS: Final[Mapping[str, Mapping[str, tuple[type, ...]]]] = {
    "Execution": {
        "Id": _TEXT,
        "Input": _ANYTHING,
        "Name": _TEXT,
        "RoleArn": _TEXT,
        "StartTime": _TEXT,
        "RedriveCount": _NUMBER,
        "RedriveTime": _TEXT,
    },
    "State": {"EnteredTime": _TEXT, "Name": _TEXT, "RetryCount": _NUMBER},
    "StateMachine": {"Id": _TEXT, "Name": _TEXT},
    "Task": {"Token": _TEXT},
}


def check_context(context: Mapping[str, Json], state: State) -> None:
    """Raises TestStateError when AWS takes no such Context object for a test of this state."""
    for name, value in context.items():
        if name == "Map":
            raise _invalid("'Map' field is not supported when mocking a Context object")
        if name not in _FIELDS:
            raise _invalid(f"Field '{name}' is not allowed")
        if name == "Task" and not _has_token(state):
            raise _invalid(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' "
                "service integration pattern"
            )
        if not isinstance(value, dict):
            raise _invalid(f"{name} must be an object")  # the words are ours
        for field, item in value.items():
            _check_field(name, field, item)


def _check_field(section: str, name: str, value: Json) -> None:
    kinds = _FIELDS[section].get(name)
    if kinds is None:
        raise _invalid(f"Field '{name}' is not allowed")
    if kinds is not _ANYTHING and (isinstance(value, bool) or not isinstance(value, kinds)):
        # Recorded for a string.
        raise _invalid(f"{section}.{name} must be a {'string' if kinds is _TEXT else 'number'}")


def _has_token(state: State) -> bool:
    return (
        state.type is StateType.TASK
        and parse_resource(state.resource).pattern is not IntegrationPattern.REQUEST_RESPONSE
    )


def _invalid(reason: str) -> TestStateError:
    return refused(f"Invalid Context object provided: {reason}")


def made_up_context(request: Request, state: State, settings: Settings) -> dict[str, Json]:
    """The Context object of a test that does not give its own.

    Recorded: of an Express execution, without RedriveCount; the state is called `StateName`. Without a role in the
    request its RoleArn is null.
    """
    place, machine = f"arn:aws:states:{settings.region}:{settings.account}", settings.state_machine_name
    start = utc_text(settings.start_time)
    entered: dict[str, Json] = {"Name": DEFAULT_NAME, "EnteredTime": start}
    if state.is_container or state.type is StateType.TASK:
        entered["RetryCount"] = 0
    execution: dict[str, Json] = {
        "Id": f"{place}:express:{machine}:{settings.name}",
        "Input": request.input,
        "Name": settings.name,
        "RoleArn": request.role_arn,
    }
    return {
        "Execution": {**execution, "StartTime": start},
        "StateMachine": {"Id": f"{place}:stateMachine:{machine}", "Name": machine},
        "State": entered,
    }
