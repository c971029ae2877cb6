"""GetExecutionHistory: the events of an execution, page by page.

Source: AWS API, GetExecutionHistory. Recorded: events in the order of their ids, the newest first when reversed; the
input of the execution as it was written, with its white space, also where the first state is entered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.server.arns import ResourceArnKind, read_arn
from sfdebug.server.call import ApiCall, seconds, without_none
from sfdebug.server.pages import newest_page_of, page_of
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.engine.execution.events import Event

_DATA: Final = frozenset(
    {
        "input",
        "inputDetails",
        "output",
        "outputDetails",
        "parameters",
        "assignedVariables",
        "assignedVariablesDetails",
    }
)
"""What is left out without execution data. AWS API, `includeExecutionData`: the inputs and outputs of events."""


def get_execution_history(call: ApiCall) -> dict[str, Json]:
    """GetExecutionHistory, of a Standard execution, while it runs and afterwards."""
    arn = read_arn(call.members["executionArn"], ResourceArnKind.EXECUTION).text
    events, text = call.host.history(arn), call.host.input_text(arn)
    reverse = bool(call.get("reverseOrder"))
    pages = newest_page_of if reverse else page_of
    page, token = pages(events, call.members, "history", arn, reverse)
    has_data = call.members.get("includeExecutionData", True)
    return without_none(events=[_event(event, text, has_data=has_data) for event in page], nextToken=token)


def _event(event: Event, input_text: str, *, has_data: bool) -> dict[str, Json]:
    members = event.as_dict()
    members["timestamp"] = seconds(event.time)
    for name, details in members.items():
        if not isinstance(details, dict):
            continue
        if not has_data:
            members[name] = {key: value for key, value in details.items() if key not in _DATA}
        elif event.previous_event_id == 0 and "input" in details:
            members[name] = {**details, "input": input_text}
    return members
